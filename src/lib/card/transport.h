// The one seam between what we say to a card and how it gets there. PC/SC, the software card in process, a phone's NFC
// and a fuzzer are all this one function.
#pragma once

#include "base/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace musubi::card {

class Transport {
  public:
    virtual ~Transport() = default;
    /// Sends one command APDU and returns the response APDU (at least the two status bytes), ISO/IEC 7816-4.
    /// Errors: card.removed, card.communication, card.reader-missing (see errors.h).
    virtual base::Result<std::string> transmit(std::string_view command) = 0;
};

/// A transport made of a function, for embedding and tests.
class FunctionTransport final : public Transport {
  public:
    using Function = std::function<base::Result<std::string>(std::string_view)>;
    explicit FunctionTransport(Function function) : m_function(std::move(function)) {}
    base::Result<std::string> transmit(std::string_view command) override { return m_function(command); }

  private:
    Function m_function;
};

} // namespace musubi::card
