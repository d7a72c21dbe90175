// Selecting and reading: the part that every application of the card has in common.
#pragma once

#include "base/result.h"
#include "lib/card/apdu.h"
#include "lib/card/transport.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace musubi::card {

/// SELECT by application identifier. "card.not-a-my-number-card" if the card does not know it.
base::Status select_application(Transport& transport, std::string_view identifier);

/// SELECT an elementary file of the current application; false if there is none.
base::Result<bool> select_file(Transport& transport, uint16_t id);

/// The first `size` bytes of a file of the current application.
base::Result<std::string> read_file(Transport& transport, uint16_t id, size_t size);

/// A file that holds one DER or BER-TLV object: its own length says how much to read. At most 32 KiB, which is as far
/// as READ BINARY reaches.
base::Result<std::string> read_object_file(Transport& transport, uint16_t id);

} // namespace musubi::card
