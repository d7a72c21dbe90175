// Vectors: the eight leaves and roots of the Certificate Transparency reference; the key and the example of Go's
// sumdb/note; a checkpoint that sum.golang.org published. Everything else against a reference written straight from the
// recursive definitions of RFC 6962.
#include "base/encoding.h"
#include "base/random.h"
#include "lib/tlog/proof.h"
#include "lib/tlog/tile.h"

#include <gtest/gtest.h>

namespace musubi::tlog {
namespace {

std::string hex(const Hash& hash) { return base::hex_encode(bytes_of(hash)); }

// ---- the definitions, word by word
Hash reference_root(const std::vector<std::string>& leaves) {
    if (leaves.empty()) return crypto::sha256_bytes("");
    if (leaves.size() == 1) return crypto::sha256_bytes(std::string(1, '\0') + leaves[0]);
    size_t k = 1;
    while (k * 2 < leaves.size()) k *= 2;
    const std::vector<std::string> left(leaves.begin(), leaves.begin() + static_cast<ptrdiff_t>(k));
    const std::vector<std::string> right(leaves.begin() + static_cast<ptrdiff_t>(k), leaves.end());
    return crypto::sha256_bytes("\x01" + std::string(bytes_of(reference_root(left))) +
                                std::string(bytes_of(reference_root(right))));
}
std::vector<std::string> numbered(size_t count) {
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i) out.push_back("leaf " + std::to_string(i));
    return out;
}
HashSource source_of(const std::vector<std::string>& leaves) {
    return [leaves](const Node& node) {
        const auto begin = static_cast<ptrdiff_t>(node.index << node.level);
        const auto end = static_cast<ptrdiff_t>((node.index + 1) << node.level);
        return reference_root({leaves.begin() + begin, leaves.begin() + end});
    };
}

TEST(Merkle, RootsAreThoseOfTheReference) {
    const std::vector<const char*> leaves = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    const std::vector<const char*> roots = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    std::vector<std::string> present;
    Edge edge;
    for (size_t i = 0; i < leaves.size(); ++i) {
        present.push_back(*base::hex_decode(leaves[i]));
        edge.append(leaf_hash(present.back()));
        EXPECT_EQ(hex(root_hash(i + 1, source_of(present))), roots[i]);
        EXPECT_EQ(hex(edge.root()), roots[i]);
    }
    EXPECT_EQ(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, EveryInclusionProofOfSmallTreesHoldsAndNoOtherDoes) {
    for (size_t size = 1; size <= 40; ++size) {
        const auto leaves = numbered(size);
        const auto source = source_of(leaves);
        const Hash root = reference_root(leaves);
        for (size_t index = 0; index < size; ++index) {
            const auto proof = inclusion_proof(index, size, source);
            const Hash leaf = leaf_hash(leaves[index]);
            ASSERT_TRUE(verify_inclusion(leaf, index, size, proof, root));
            ASSERT_FALSE(verify_inclusion(leaf_hash("other"), index, size, proof, root));
            ASSERT_EQ(verify_inclusion(leaf, (index + 1) % size, size, proof, root), size == 1);
            auto longer = proof;
            longer.push_back(root);
            ASSERT_FALSE(verify_inclusion(leaf, index, size, longer, root));
            for (size_t at = 0; at < proof.size(); ++at) {
                auto bent = proof;
                bent[at][7] ^= 1;
                ASSERT_FALSE(verify_inclusion(leaf, index, size, bent, root));
            }
        }
        EXPECT_FALSE(verify_inclusion(leaf_hash(leaves[0]), size, size, {}, root));
    }
}

TEST(Merkle, EveryConsistencyProofOfSmallTreesHoldsAndNoOtherDoes) {
    for (size_t second = 0; second <= 33; ++second) {
        const auto leaves = numbered(second);
        const Hash second_root = reference_root(leaves);
        for (size_t first = 0; first <= second; ++first) {
            const Hash first_root = reference_root({leaves.begin(), leaves.begin() + static_cast<ptrdiff_t>(first)});
            const auto proof = consistency_proof(first, second, source_of(leaves));
            ASSERT_TRUE(verify_consistency(first, first_root, second, second_root, proof)) << first << " " << second;
            Hash other = first_root;
            other[0] ^= 1;
            ASSERT_FALSE(verify_consistency(first, other, second, second_root, proof));
            if (first > 0 && first < second) {
                Hash later = second_root;
                later[31] ^= 1;
                ASSERT_FALSE(verify_consistency(first, first_root, second, later, proof));
            }
            if (!proof.empty()) {
                auto shorter = proof;
                shorter.pop_back();
                ASSERT_FALSE(verify_consistency(first, first_root, second, second_root, shorter));
            }
        }
    }
}

// A log's files: whatever tiles the edge reported, kept as a web server would.
struct Files {
    std::map<TileId, std::string> tiles;
    void keep(Edge& edge) {
        for (auto& [id, bytes] : edge.take_changed()) tiles[id] = std::move(bytes);
    }
    HashSource source() const {
        return [this](const Node& node) { return hash_in_tile(node, tiles.at(tile_of(node))); };
    }
};

TEST(Tiles, ProofsReadFromTilesAreThoseOfTheWholeTree) {
    const auto leaves = numbered(70'000); // three levels of tiles
    Edge edge;
    Files files;
    for (const std::string& leaf : leaves) {
        edge.append(leaf_hash(leaf));
        if (edge.size() % 999 == 0 || edge.size() == leaves.size()) files.keep(edge);
    }
    EXPECT_EQ(files.tiles.rbegin()->first.level, 2);
    const Hash root = edge.root();
    EXPECT_EQ(root, root_hash(leaves.size(), files.source()));
    for (const uint64_t index : {0, 255, 256, 65'535, 65'536, 69'999}) {
        const auto proof = inclusion_proof(index, leaves.size(), files.source());
        EXPECT_TRUE(verify_inclusion(leaf_hash(leaves[index]), index, leaves.size(), proof, root));
        const auto wanted = tiles_for([&](const HashSource& source) { inclusion_proof(index, leaves.size(), source); });
        EXPECT_LE(wanted.size(), 6u);
    }
    const std::vector<std::string> first(leaves.begin(), leaves.begin() + 300);
    const auto proof = consistency_proof(300, leaves.size(), files.source());
    EXPECT_TRUE(verify_consistency(300, reference_root(first), leaves.size(), root, proof));
}

TEST(Tiles, AnEdgeLoadedAgainGoesOnWhereItStopped) {
    for (const uint64_t stop : {0, 1, 255, 256, 257, 65'536, 65'792}) {
        Edge whole;
        Files files;
        for (uint64_t i = 0; i < stop; ++i) whole.append(leaf_hash(std::to_string(i)));
        files.keep(whole);
        std::vector<std::string> tiles;
        for (const auto& id : Edge::wanted(stop)) tiles.push_back(id ? files.tiles.at(*id) : "");
        auto again = Edge::load(stop, tiles);
        ASSERT_TRUE(again.ok()) << stop;
        for (uint64_t i = stop; i < stop + 300; ++i) {
            whole.append(leaf_hash(std::to_string(i)));
            again->append(leaf_hash(std::to_string(i)));
        }
        EXPECT_EQ(again->root(), whole.root()) << stop;
        if (!tiles.empty()) {
            tiles[0] += std::string(32, 'x');
            EXPECT_FALSE(Edge::load(stop, tiles).ok());
        }
    }
}

TEST(Tiles, PathsAreThoseOfTheSpecificationAndHaveOneSpelling) {
    EXPECT_EQ(tile_path({0, 1'234'067}), "tile/0/x001/x234/067");
    EXPECT_EQ(tile_path({1, 5}, 17), "tile/1/005.p/17");
    EXPECT_EQ(tile_path({kEntries, 0}), "tile/entries/000");
    for (const TileId& id : {TileId{0, 0}, TileId{3, 999}, TileId{kEntries, 1000}, TileId{7, 123'456'789}})
        for (const unsigned width : {1u, 255u, 256u}) {
            const auto parsed = parse_tile_path(tile_path(id, width));
            ASSERT_TRUE(parsed);
            EXPECT_EQ(parsed->id, id);
            EXPECT_EQ(parsed->width, width);
        }
    for (const char* bad : {"", "tile/", "tile/8/000", "tile/00/000", "tile/0/x000/001", "tile/0/0001",
                            "tile/0/001.p/256", "tile/0/001.p/0", "tile/0/001.p/01", "tile/0/001.p", "tile/0/x001",
                            "tile/0/001/", "tile/0/001/002", "tile/entries/x1/000", "tile/0/001.p/5/6", "tile/-1/000"})
        EXPECT_FALSE(parse_tile_path(bad)) << bad;
}

TEST(Tiles, BundlesGiveBackTheirEntries) {
    std::string bundle;
    for (const std::string& entry : {std::string(), std::string("a"), std::string(300, 'b')})
        append_entry(bundle, entry);
    const auto entries = entries_of(bundle);
    ASSERT_TRUE(entries.ok());
    EXPECT_EQ(entries->size(), 3u);
    EXPECT_EQ((*entries)[2].size(), 300u);
    EXPECT_EQ(narrow_bundle(bundle, 2)->size(), 5u);
    EXPECT_FALSE(narrow_bundle(bundle, 4).ok());
    EXPECT_FALSE(entries_of(bundle.substr(0, 20)).ok());
}

// ---- notes

constexpr const char* kPeter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr const char* kPeterNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr const char* kGoKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
constexpr const char* kGoCheckpoint =
    "go.sum database tree\n63096908\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n"
    "— sum.golang.org Az3gri/oVBN1jAhNZ/iS+W31psFAWRT20/GyrhpU6taFwulQGetBkH5S7wpGXdS935jiIGiUUAXBVHzT/P6fYhqAmAk=\n";

TEST(Notes, VerifiesWhatOthersSigned) {
    for (const auto& [key_text, note_text] : {std::pair{kPeter, kPeterNote}, std::pair{kGoKey, kGoCheckpoint}}) {
        const auto key = parse_verifier_key(key_text);
        const auto note = parse_note(note_text);
        ASSERT_TRUE(key.ok() && note.ok());
        EXPECT_EQ(key->to_string(), key_text);
        EXPECT_TRUE(verify_note(*note, *key));
        EXPECT_EQ(note->to_string(), note_text);
        Note bent = *note;
        bent.text[3] ^= 1;
        EXPECT_FALSE(verify_note(bent, *key));
    }
    const auto checkpoint = parse_checkpoint(parse_note(kGoCheckpoint)->text);
    ASSERT_TRUE(checkpoint.ok());
    EXPECT_EQ(checkpoint->size, 63'096'908u);
    EXPECT_EQ(checkpoint->origin, "go.sum database tree");
}

TEST(Notes, MalformedOnesAreRefused) {
    for (const std::string& bad :
         {std::string(), std::string("text\n"), std::string("text\n\n"), std::string("text\n\n— name AAAA\n"),
          std::string("text\n\nname AAAAAAAA\n"), std::string("text\n\n— na+me AAAAAAAA\n"),
          std::string("te\txt\n\n— name AAAAAAAA\n"), std::string("text\n\n— name AAAAAAAA"),
          std::string("te\xffxt\n\n— name AAAAAAAA\n"), std::string(70'000, 'a') + "\n\n— name AAAAAAAA\n"})
        EXPECT_FALSE(parse_note(bad).ok()) << bad.substr(0, 40);
    EXPECT_TRUE(parse_note("text\n\n— name AAAAAAAA\n").ok());
    for (const char* bad : {"", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                            "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"})
        EXPECT_FALSE(parse_verifier_key(bad).ok()) << bad;
    for (const char* bad : {"a\n1\n", "a\n01\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n", "a\n1\nAAAA\n",
                            "\n1\nAAAA\n", "a\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n\n"})
        EXPECT_FALSE(parse_checkpoint(bad).ok()) << bad;
}

Signer signer(std::string name, KeyType type, char seed) {
    return {std::move(name), type, *crypto::Ed25519PrivateKey::from_seed(base::Secret(std::string(32, seed)))};
}

TEST(Notes, ACosignatureSaysWhenAndCoversTheWholeText) {
    const Signer witness = signer("witness.example", KeyType::Cosignature, 'w');
    Note note{"city.example/log\n1\n8lHrQPRYe4KT4WQ9/Qk8/taKnD6IRHbFgfN7vQE2Y54=\n", {}};
    const auto at = *base::Instant::parse("2026-11-22T00:00:05Z");
    note.signatures.push_back(witness.cosign(note.text, at));
    EXPECT_EQ(cosigned_at(note, witness.verifier()), at);
    // The message is written out here once, as the specification shows it.
    const std::string message = "cosignature/v1\ntime 1795305605\n" + note.text;
    EXPECT_TRUE(crypto::ed25519_verify(witness.verifier().key, message, note.signatures[0].bytes.substr(8)));
    Note later = note;
    later.signatures[0].bytes[7] ^= 1;
    EXPECT_FALSE(cosigned_at(later, witness.verifier()));
    EXPECT_FALSE(cosigned_at(note, signer("witness.example", KeyType::Cosignature, 'x').verifier()));
    EXPECT_EQ(parse_verifier_key(witness.verifier().to_string())->type, KeyType::Cosignature);
}

TEST(Proofs, SurviveWritingAndReadingAndFailOnAnyChange) {
    const Signer log = signer("city.example/log", KeyType::Note, 'l');
    const auto leaves = numbered(7);
    Proof proof;
    proof.index = 4;
    proof.path = inclusion_proof(4, 7, source_of(leaves));
    proof.extra = "the entry";
    proof.checkpoint.text = Checkpoint{"city.example/log", 7, reference_root(leaves), {}}.text();
    proof.checkpoint.signatures.push_back(log.sign(proof.checkpoint.text));
    const std::string text = proof.to_string();
    const auto read = parse_proof(text);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->extra, "the entry");
    const Hash leaf = leaf_hash(leaves[4]);
    EXPECT_TRUE(verify_proof(*read, leaf, log.verifier(), "city.example/log").ok());
    EXPECT_EQ(verify_proof(*read, leaf, log.verifier(), "other.example/log").error().code, "tlog.origin-unknown");
    EXPECT_EQ(verify_proof(*read, leaf_hash(leaves[3]), log.verifier(), "city.example/log").error().code,
              "tlog.proof-wrong");
    const size_t index_at = text.find("index");
    for (size_t at = index_at; at < text.size(); ++at) {
        std::string bent = text;
        bent[at] = bent[at] == 'A' ? 'B' : 'A';
        const auto changed = parse_proof(bent);
        EXPECT_FALSE(changed.ok() && verify_proof(*changed, leaf, log.verifier(), "city.example/log").ok()) << at;
    }
}

TEST(Proofs, AWitnessRequestOfTheSpecificationIsRead) {
    const std::string body =
        "old 20852014\n"
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
        "\n"
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    const auto request = parse_add_checkpoint(body);
    ASSERT_TRUE(request.ok());
    EXPECT_EQ(request->old_size, 20'852'014u);
    EXPECT_EQ(request->consistency.size(), 2u);
    EXPECT_EQ(request->to_string(), body);
    EXPECT_FALSE(parse_add_checkpoint("old 02\n" + body.substr(13)).ok());
    EXPECT_FALSE(parse_add_checkpoint(body.substr(13)).ok());
}

} // namespace
} // namespace musubi::tlog
