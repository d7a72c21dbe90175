// The columns Person::from reads, in order. Private to core/identity.
#pragma once

#define MUSUBI_PERSON_FIELDS                                                                                           \
    "id, name, name_has_substitutes, kana, birth_date, sex, address, source, certified_at, resident_id, email,"        \
    " telephone, language, CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END, created_at, closed_at, erase_at"
#define MUSUBI_PERSON_COLUMNS "SELECT " MUSUBI_PERSON_FIELDS " FROM identity_person"
#define MUSUBI_CANDIDATE_COLUMNS                                                                                       \
    "SELECT " MUSUBI_PERSON_FIELDS ", name_normal, kana_normal, address_normal FROM identity_person"
