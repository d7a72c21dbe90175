// What the API of families takes and shows.
#pragma once

#include "core/identity/guardianship.h"
#include "lib/json/json.h"
#include "services/family/requests.h"

namespace musubi::family {

enum class RelationView { Self, Child };
constexpr auto json_names(RelationView) {
    return std::array{std::pair{RelationView::Self, "self"}, std::pair{RelationView::Child, "child"}};
}
struct MemberView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    RelationView relation = RelationView::Self;
    int64_t mark = 1;
};
struct MemberList {
    std::vector<MemberView> items;
};
struct CandidateView {
    std::string resident_id;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
};
struct CandidateList {
    std::vector<CandidateView> items;
};
struct ChildBody {
    residents::ResidentId resident;
};
struct RequestBody {
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string address;
    std::optional<std::string> note;
};
struct OwnRequestView {
    std::string id;
    base::Instant at;
    std::string name;
    base::CivilDate birth_date;
    Status status = Status::New;
    std::optional<std::string> reason;
};
struct OwnRequestList {
    std::vector<OwnRequestView> items;
};

// For staff.
struct ResidentView {
    std::string id;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string postal_code;
    std::string address;
};
struct GuardianView {
    std::string id;
    std::string name;
    std::string address;
};
struct StaffRequestView {
    std::string id;
    base::Instant at;
    GuardianView guardian;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string address;
    std::string note;
    residents::Certainty match = residents::Certainty::None;
    std::vector<ResidentView> candidates;
};
struct StaffRequestList {
    std::vector<StaffRequestView> items;
};
struct ApproveBody {
    std::optional<residents::ResidentId> resident;
    std::optional<base::PersonId> guardian;
};
enum class RefusalReason { NoGuardianship, DetailsDiffer, NotAResident, Withdrawn };
constexpr auto json_names(RefusalReason) {
    return std::array{std::pair{RefusalReason::NoGuardianship, "no-guardianship"},
                      std::pair{RefusalReason::DetailsDiffer, "details-differ"},
                      std::pair{RefusalReason::NotAResident, "not-a-resident"},
                      std::pair{RefusalReason::Withdrawn, "withdrawn"}};
}
struct RejectBody {
    RefusalReason reason = RefusalReason::NoGuardianship;
};

template <class Fields> void describe(Fields& fields, MemberView& member) {
    fields("id", member.id);
    fields("name", member.name);
    fields("kana", member.kana);
    fields("birthDate", member.birth_date);
    fields("relation", member.relation);
    fields("mark", member.mark, json::Rule{.minimum = 1, .maximum = 5});
}
template <class Fields> void describe(Fields& fields, MemberList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, CandidateView& candidate) {
    fields("residentId", candidate.resident_id);
    fields("name", candidate.name);
    fields("kana", candidate.kana);
    fields("birthDate", candidate.birth_date);
}
template <class Fields> void describe(Fields& fields, CandidateList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, ChildBody& body) { fields("residentId", body.resident); }
template <class Fields> void describe(Fields& fields, RequestBody& body) {
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("kana", body.kana, json::Rule{.max_length = 80, .min_length = 1});
    fields("birthDate", body.birth_date);
    fields("sex", body.sex);
    fields("address", body.address, json::Rule{.max_length = 200, .min_length = 1});
    fields("note", body.note, json::Rule{.max_length = 500});
}
template <class Fields> void describe(Fields& fields, OwnRequestView& request) {
    fields("id", request.id);
    fields("at", request.at);
    fields("name", request.name);
    fields("birthDate", request.birth_date);
    fields("status", request.status);
    fields("reason", request.reason);
}
template <class Fields> void describe(Fields& fields, OwnRequestList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, ResidentView& resident) {
    fields("id", resident.id);
    fields("name", resident.name);
    fields("kana", resident.kana);
    fields("birthDate", resident.birth_date);
    fields("sex", resident.sex);
    fields("postalCode", resident.postal_code);
    fields("address", resident.address);
}
template <class Fields> void describe(Fields& fields, GuardianView& guardian) {
    fields("id", guardian.id);
    fields("name", guardian.name);
    fields("address", guardian.address);
}
template <class Fields> void describe(Fields& fields, StaffRequestView& request) {
    fields("id", request.id);
    fields("at", request.at);
    fields("guardian", request.guardian);
    fields("name", request.name);
    fields("kana", request.kana);
    fields("birthDate", request.birth_date);
    fields("sex", request.sex);
    fields("address", request.address);
    fields("note", request.note);
    fields("match", request.match);
    fields("candidates", request.candidates);
}
template <class Fields> void describe(Fields& fields, StaffRequestList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, ApproveBody& body) {
    fields("residentId", body.resident, json::Rule{.meaning = "Needed unless exactly one resident agrees."});
    fields("guardianPersonId", body.guardian, json::Rule{.meaning = "The one who asked, when absent."});
}
template <class Fields> void describe(Fields& fields, RejectBody& body) { fields("reason", body.reason); }

} // namespace musubi::family
