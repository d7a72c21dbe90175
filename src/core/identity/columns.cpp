#include "core/identity/guardianship.h"
#include "core/identity/person.h"
#include "lib/db/enum_column.h"

namespace musubi::identity {

db::Value to_value(Source source) { return db::to_value(db::enum_name(source)); }
Source from_column(const std::string& text, Source*) { return db::enum_value<Source>(text); }
db::Value to_value(CertificateType type) { return db::to_value(db::enum_name(type)); }
CertificateType from_column(const std::string& text, CertificateType*) { return db::enum_value<CertificateType>(text); }
db::Value to_value(CertificateStatus status) { return db::to_value(db::enum_name(status)); }
CertificateStatus from_column(const std::string& text, CertificateStatus*) {
    return db::enum_value<CertificateStatus>(text);
}
db::Value to_value(GuardianshipBasis basis) { return db::to_value(db::enum_name(basis)); }
GuardianshipBasis from_column(const std::string& text, GuardianshipBasis*) {
    return db::enum_value<GuardianshipBasis>(text);
}

} // namespace musubi::identity
