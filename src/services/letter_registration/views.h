// What the API of letters takes and shows.
#pragma once

#include "lib/json/json.h"
#include "services/letter_registration/requests.h"

namespace musubi::letter_registration {

struct LetterBody {
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string postal_code;
    std::string address;
    std::string telephone;
};
struct CodeBody {
    base::Secret code;
};
struct ApproveBody {
    std::optional<residents::ResidentId> resident;
};
enum class RefusalReason { NotAResident, DetailsDiffer, Duplicate, Withdrawn };
constexpr auto json_names(RefusalReason) {
    return std::array{std::pair{RefusalReason::NotAResident, "not-a-resident"},
                      std::pair{RefusalReason::DetailsDiffer, "details-differ"},
                      std::pair{RefusalReason::Duplicate, "duplicate"},
                      std::pair{RefusalReason::Withdrawn, "withdrawn"}};
}
struct RejectBody {
    RefusalReason reason = RefusalReason::DetailsDiffer;
};
struct PrintBody {
    std::vector<RequestId> ids;
};

struct ResidentView {
    std::string id;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string postal_code;
    std::string address;
};
struct RequestView {
    std::string id;
    base::Instant at;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string postal_code;
    std::string address;
    residents::Certainty match = residents::Certainty::None;
    std::vector<ResidentView> candidates;
    Status status = Status::New;
    std::optional<std::string> reason;
    std::optional<base::Instant> printed_at;
    int64_t print_count = 0;
    std::optional<base::Instant> code_expires_at;
};
struct RequestList {
    std::vector<RequestView> items;
};

template <class Fields> void describe(Fields& fields, LetterBody& body) {
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("kana", body.kana, json::Rule{.max_length = 80, .min_length = 1});
    fields("birthDate", body.birth_date);
    fields("sex", body.sex);
    fields("postalCode", body.postal_code, json::Rule{.max_length = 8, .min_length = 7, .meaning = "Seven digits."});
    fields("address", body.address, json::Rule{.max_length = 200, .min_length = 1});
    fields("telephone", body.telephone, json::Rule{.max_length = 20, .format = "telephone"});
}
template <class Fields> void describe(Fields& fields, CodeBody& body) {
    fields("code", body.code, json::Rule{.max_length = 40, .min_length = 1});
}
template <class Fields> void describe(Fields& fields, ApproveBody& body) {
    fields("residentId", body.resident, json::Rule{.meaning = "Needed unless exactly one resident agrees."});
}
template <class Fields> void describe(Fields& fields, RejectBody& body) { fields("reason", body.reason); }
template <class Fields> void describe(Fields& fields, PrintBody& body) {
    fields("ids", body.ids, json::Rule{.max_items = 100});
}
template <class Fields> void describe(Fields& fields, ResidentView& resident) {
    fields("id", resident.id);
    fields("name", resident.name);
    fields("kana", resident.kana);
    fields("birthDate", resident.birth_date);
    fields("sex", resident.sex);
    fields("postalCode", resident.postal_code);
    fields("address", resident.address);
}
template <class Fields> void describe(Fields& fields, RequestView& request) {
    fields("id", request.id);
    fields("at", request.at);
    fields("name", request.name);
    fields("kana", request.kana);
    fields("birthDate", request.birth_date);
    fields("sex", request.sex);
    fields("postalCode", request.postal_code);
    fields("address", request.address);
    fields("match", request.match);
    fields("candidates", request.candidates);
    fields("status", request.status);
    fields("reason", request.reason);
    fields("printedAt", request.printed_at);
    fields("printCount", request.print_count);
    fields("codeExpiresAt", request.code_expires_at);
}
template <class Fields> void describe(Fields& fields, RequestList& list) { fields("items", list.items); }

} // namespace musubi::letter_registration
