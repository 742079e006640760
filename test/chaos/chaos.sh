#!/usr/bin/env bash
# Runs this folder's programme on the cluster of `make cluster`, with the image of this checkout and the operator that is in it.
#   chaos.sh [ARGUMENTS OF main.ts]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
case " $* " in *" --help "*) exec node test/chaos/main.ts --help ;; esac
exec test/cluster/with-operator.sh bash -c '
  test/cluster/derived-image.sh localhost/copepod-chaos:dev test/chaos/image/*
  exec node test/chaos/main.ts "$@"' chaos "$@"
