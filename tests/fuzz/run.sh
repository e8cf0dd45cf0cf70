#!/usr/bin/env bash
# Runs every fuzz target, one after the other, for ten minutes each or for as many seconds as the first argument says:
#
#     tests/fuzz/run.sh [SECONDS [TARGET…]]
#
# It needs a nightly compiler and `cargo install cargo-fuzz`. New inputs go to `tests/fuzz/found`, which isn't kept; what
# is worth keeping is moved to `tests/fuzz/corpus` by hand: the ordinary tests run it from then on. A finding stops the
# run, and its input lies in `tests/fuzz/artifacts`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
seconds=${1:-600}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(parse check format plan events model templates zones)

seeds=found/seeds
mkdir -p "$seeds/policies" "$seeds/events"
find ../../examples ../../grammar/tests/fixtures ../../compiler/src ../../docs -name '*.comity' -size -12k | while read -r file; do
  cp "$file" "$seeds/policies/$(cksum < "$file" | cut -d' ' -f1)"
done
for file in ../../grammar/tests/fixtures/snippets/*; do
  csplit --quiet --elide-empty-files --suppress-matched --prefix "$seeds/policies/$(basename "$file")-" --suffix-format '%04d' \
    "$file" '/^----$/' '{*}'
done
mkdir -p "$seeds/models"
find ../models -name '*.txt' -o -name '*.json' -o -name '*.onnx' | while read -r file; do
  case $file in *.txt) kind=0 ;; *.json) kind=1 ;; *) kind=2 ;; esac
  { printf '%s' "$kind"; cat "$file"; } > "$seeds/models/$(basename "$file")"
done
printf '%s\n' \
  '{"id":"e1","type":"purchase","subject":"c","time":"2026-11-02T10:00:00Z","data":{"order":"o1","category":"shoes","amount":"80.00 EUR"}}' \
  '{"id":"e2","type":"identify","subject":"c","time":"2026-11-02T11:00:00+01:00","data":{"email":"ada@shop.example","tier":"gold","interests":["golf"]}}' \
  '{"id":"e3","type":"consent_granted","subject":"c","time":"2026-11-02T11:00:00Z","data":{"purpose":"marketing","source":"form","confirmed":true}}' \
  '{"id":"e4","type":"cart_abandoned","subject":"c","time":"2026-11-02T12:00:00Z","data":{"cart":"k","value":{"amount":"80.00","currency":"EUR"},"items":2}}' \
  '{"type":"merge","subject":"d","time":"2026-11-02T13:00:00Z","data":{"from":"c"}}' \
  '{"type":"opened","subject":"d","time":"2026-11-02T13:00:00Z","data":{"message":"cart_email","channel":"email"}}' \
  > "$seeds/events/log"

for target in "${targets[@]}"; do
  case $target in
    parse | check | format) also=("$seeds/policies") options=(-dict=comity.dict -max_len=12000) ;;
    templates) also=() options=(-dict=comity.dict -max_len=400) ;;
    events) also=("$seeds/events") options=(-dict=events.dict -max_len=4000) ;;
    model) also=("$seeds/models") options=(-max_len=30000) ;;
    plan) also=() options=(-max_len=32) ;;
    *) also=() options=(-max_len=64) ;;
  esac
  mkdir -p "found/$target"
  echo "== $target: $seconds s"
  cargo +nightly fuzz run --sanitizer none --fuzz-dir . "$target" "found/$target" "corpus/$target" "${also[@]}" -- \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "${options[@]}"
done
