#include "lib/card/files.h"

#include "lib/card/errors.h"
#include "lib/card/tlv.h"

#include <algorithm>

namespace musubi::card {

namespace {

constexpr uint8_t kSelect = 0xA4;
constexpr uint8_t kReadBinary = 0xB0;
constexpr size_t kBlock = 256;
constexpr size_t kReach = 0x8000; // the offset of READ BINARY has 15 bits
constexpr size_t kHead = 7;       // a three-byte tag and a four-byte length

base::Status require_file(Transport& transport, uint16_t id) {
    MUSUBI_TRY(const bool found, select_file(transport, id));
    if (!found) return unexpected_status(kSelect, sw::kFileNotFound);
    return base::success();
}

// Appends up to `size` bytes from where `content` ends. Cards answer a read over the end with 6282 or with less.
base::Status read_block(Transport& transport, std::string& content, size_t size) {
    const auto offset = content.size();
    const Command read{0x00,
                       kReadBinary,
                       static_cast<uint8_t>(offset >> 8),
                       static_cast<uint8_t>(offset),
                       {},
                       static_cast<uint32_t>(size)};
    MUSUBI_TRY(auto response, exchange(transport, read));
    if (!response.ok() && response.status != sw::kEndOfFile) return unexpected_status(kReadBinary, response.status);
    if (response.data.empty() || response.data.size() > size) return communication("READ BINARY of another length");
    content += response.data;
    return base::success();
}

base::Status read_up_to(Transport& transport, std::string& content, size_t size) {
    while (content.size() < size) {
        MUSUBI_CHECK(read_block(transport, content, std::min(kBlock, size - content.size())));
    }
    return base::success();
}

} // namespace

base::Status select_application(Transport& transport, std::string_view identifier) {
    const Command select{0x00, kSelect, 0x04, 0x0C, std::string(identifier)};
    MUSUBI_TRY(const auto response, exchange(transport, select));
    if (!response.ok()) return not_a_my_number_card();
    return base::success();
}

base::Result<bool> select_file(Transport& transport, uint16_t id) {
    const Command select{0x00, kSelect, 0x02, 0x0C, {static_cast<char>(id >> 8), static_cast<char>(id)}};
    MUSUBI_TRY(const auto response, exchange(transport, select));
    if (response.ok()) return true;
    if (response.status == sw::kFileNotFound) return false;
    return unexpected_status(kSelect, response.status);
}

base::Result<std::string> read_file(Transport& transport, uint16_t id, size_t size) {
    if (size > kReach) return communication("file beyond the reach of READ BINARY");
    MUSUBI_CHECK(require_file(transport, id));
    std::string content;
    MUSUBI_CHECK(read_up_to(transport, content, size));
    return content;
}

base::Result<std::string> read_object_file(Transport& transport, uint16_t id) {
    MUSUBI_CHECK(require_file(transport, id));
    std::string content;
    MUSUBI_CHECK(read_block(transport, content, kHead));
    const auto size = tlv_size(content);
    if (!size || *size > kReach) return communication("file without a readable length");
    MUSUBI_CHECK(read_up_to(transport, content, *size));
    content.resize(*size);
    return content;
}

} // namespace musubi::card
