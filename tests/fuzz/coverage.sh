#!/usr/bin/env bash
# Says how much of the code the fuzz targets reach with their corpora, in per cent of regions and lines:
#
#     tests/fuzz/coverage.sh [TARGET…]
#
# It needs what `run.sh` needs, and `rustup component add --toolchain nightly llvm-tools`. What `run.sh` has found and
# nobody has kept yet counts as well. The lines are in `coverage/TARGET/coverage.profdata`, for `llvm-cov show`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(parse check format plan events templates zones)

triple=$(rustc +nightly --version --verbose | sed -n 's/^host: //p')
tools=$(rustc +nightly --print sysroot)/lib/rustlib/$triple/bin
[ -x "$tools/llvm-cov" ] || {
  echo "there is no llvm-cov: rustup component add --toolchain nightly llvm-tools" >&2
  exit 2
}

for target in "${targets[@]}"; do
  mkdir -p "found/$target"
  cargo +nightly fuzz coverage --fuzz-dir . "$target" "corpus/$target" "found/$target" >&2
  # The parts of the project, without its dependencies, tests and the targets themselves.
  "$tools/llvm-cov" report "target/$triple/coverage/$triple/release/$target" \
    --instr-profile "coverage/$target/coverage.profdata" \
    --ignore-filename-regex '/\.cargo/|/rustc/|/tests/' |
    awk -v target="$target" '$1 == "TOTAL" { print target ": " $4 " of the regions, " $10 " of the lines" }'
done
