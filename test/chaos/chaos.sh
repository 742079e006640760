#!/usr/bin/env bash
# Runs the chaos program on the cluster of `make cluster`, with the image and operator of this checkout.
#   chaos.sh [ARGUMENTS OF main.ts]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
case " $* " in *" --help "*) exec node test/chaos/main.ts --help ;; esac
exec test/cluster/with-operator.sh bash -c '
  test/cluster/derived-image.sh localhost/copepod-chaos:dev test/chaos/image/*
  exec node test/chaos/main.ts "$@"' chaos "$@"
