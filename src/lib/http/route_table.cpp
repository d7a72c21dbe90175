#include "lib/http/route_table.h"

#include "lib/http/text.h"

#include <stdexcept>

namespace musubi::http {

void RouteTable::add(Method method, std::string_view path, size_t route) {
    if (!path.starts_with('/')) throw std::logic_error("a route's path begins with /: " + std::string(path));
    Node* node = &m_root;
    std::vector<std::string> names;
    for (const auto segment : split(path.substr(1), '/')) {
        const bool parameter = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
        const bool rest = parameter && segment.ends_with("...}");
        std::unique_ptr<Node>& next = rest ? node->rest : parameter ? node->one : node->fixed[std::string(segment)];
        if (parameter) names.emplace_back(segment.substr(1, segment.size() - (rest ? 5 : 2)));
        if (!next) next = std::make_unique<Node>();
        node = next.get();
    }
    if (names.size() > PathParameters::kMost) throw std::logic_error("too many parameters: " + std::string(path));
    for (const auto& [taken, other] : node->routes)
        if (taken == method) throw std::logic_error("two routes for " + std::string(path));
    if (!node->routes.empty() && node->names != names)
        throw std::logic_error("other parameter names for the same path: " + std::string(path));
    node->routes.emplace_back(method, route);
    node->names = std::move(names);
}

const RouteTable::Node* RouteTable::descend(const Node& node, std::string_view path, PathParameters& values) {
    const size_t slash = path.find('/');
    const auto segment = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    const auto step = [&](const Node& next) -> const Node* {
        if (!last) return descend(next, path.substr(slash + 1), values);
        return next.routes.empty() ? nullptr : &next;
    };
    if (const auto found = node.fixed.find(segment); found != node.fixed.end())
        if (const Node* target = step(*found->second)) return target;
    if (node.one && !segment.empty() && values.push(segment)) {
        if (const Node* target = step(*node.one)) return target;
        values.pop();
    }
    if (!node.rest || !values.push(path)) return nullptr;
    return node.rest.get();
}

RouteTable::Match RouteTable::find(std::string_view path) const {
    Match match;
    if (!path.starts_with('/')) return match;
    const Node* node = descend(m_root, path.substr(1), match.parameters);
    if (!node) return match;
    match.routes = &node->routes;
    match.parameters.name(node->names);
    return match;
}

} // namespace musubi::http
