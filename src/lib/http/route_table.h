// Finds the route of a path: a tree of segments, in which a fixed segment wins over {name} and {name} over {name...},
// which takes the rest of the path.
#pragma once

#include "lib/http/call.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

class RouteTable {
  public:
    /// Throws std::logic_error when the method and path are taken, or the path is not one or has too many parameters.
    void add(Method method, std::string_view path, size_t route);

    struct Match {
        const std::vector<std::pair<Method, size_t>>* routes = nullptr; // of this path; null: not found
        PathParameters parameters;                                      // pointing into the path and this table
    };
    Match find(std::string_view path) const;

  private:
    struct Node {
        std::map<std::string, std::unique_ptr<Node>, std::less<>> fixed;
        std::unique_ptr<Node> one;  // {name}
        std::unique_ptr<Node> rest; // {name...}
        std::vector<std::pair<Method, size_t>> routes;
        std::vector<std::string> names; // of the parameters on the way here
    };
    static const Node* descend(const Node& node, std::string_view path, PathParameters& values);
    Node m_root;
};

} // namespace musubi::http
