// A JSON value that can be changed. Parts nobody opens keep pointing at the text they came from and are written as they
// stood. Private to this module.
#pragma once

#include "lib/fhir/json_tree.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::fhir {

class Editable {
  public:
    /// `node`'s tree must outlive this.
    explicit Editable(Node node);
    /// From JSON text that is known to be good (a literal built here).
    static Editable from_text(std::string text);

    bool is_object() const;
    bool is_array() const;
    /// Object members and array items; opens the value.
    Editable* member(std::string_view name);
    void set_member(std::string_view name, Editable value);
    bool remove_member(std::string_view name);
    size_t size();
    Editable* item(size_t index);
    void insert_item(size_t index, Editable value);
    void remove_item(size_t index);

    void write(std::string& out) const;
    std::string text() const {
        std::string out;
        write(out);
        return out;
    }

  private:
    struct Member;
    enum class State { Untouched, Text, Object, Array };
    void open();
    State m_state = State::Untouched;
    Node m_node;
    std::string m_text;
    std::vector<Member> m_members; // names are empty in arrays

  public:
    Editable(const Editable&);
    Editable(Editable&&) noexcept;
    Editable& operator=(const Editable&);
    Editable& operator=(Editable&&) noexcept;
    ~Editable();

  private:
    Editable();
};

/// JSON equality (RFC 6902 section 4.6): numbers by value, members in any order.
bool json_equal(Node a, Node b);

} // namespace musubi::fhir
