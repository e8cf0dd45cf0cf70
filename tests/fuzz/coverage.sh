#!/usr/bin/env bash
# Says how much of the part of the code that each fuzz target is about its corpus reaches, in per cent of regions and
# lines:
#
#     tests/fuzz/coverage.sh [TARGET…]
#
# It needs `rustup component add llvm-tools`. Only the project's own crates are instrumented, so that nothing else is
# built anew. What `run.sh` has found and nobody has kept yet (`found/TARGET`) counts as well.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(parse check format plan events templates zones)

triple=$(rustc --version --verbose | sed -n 's/^host: //p')
tools=$(rustc --print sysroot)/lib/rustlib/$triple/bin
[ -x "$tools/llvm-cov" ] || {
  echo "there is no llvm-cov: rustup component add llvm-tools" >&2
  exit 2
}

root=$(realpath ../..)
mkdir -p coverage
binary=$(RUSTC_WORKSPACE_WRAPPER="$PWD/instrument.sh" LLVM_PROFILE_FILE=/dev/null \
  cargo test --manifest-path ../../Cargo.toml --package comity-tests --test corpora --no-run --message-format=json |
  sed -n 's/.*"name":"corpora".*"executable":"\([^"]*\)".*/\1/p')

for target in "${targets[@]}"; do
  rm -f "coverage/$target".*
  COMITY_CORPUS=$target LLVM_PROFILE_FILE="$PWD/coverage/$target.profraw" "$binary" >&2
  "$tools/llvm-profdata" merge --sparse "coverage/$target.profraw" --output "coverage/$target.profdata"
  case $target in
    parse) about=(grammar/src/parser grammar/src/token) ;;
    format) about=(grammar/src/format) ;;
    check) about=(grammar/src/parser compiler/src/resolve compiler/src/check compiler/src/mistakes) ;;
    plan) about=(compiler/src/plan) ;;
    events) about=(runtime/src/intake) ;;
    templates) about=(runtime/src/format runtime/src/step/content.rs) ;;
    zones) about=(runtime/src/zone) ;;
  esac
  "$tools/llvm-cov" report "$binary" --instr-profile "coverage/$target.profdata" --sources \
    "${about[@]/#/$root/}" |
    awk -v target="$target" -v about="${about[*]}" \
      '$1 == "TOTAL" { print target ": " $4 " of the regions, " $10 " of the lines of " about }'
done
