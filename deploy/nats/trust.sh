#!/usr/bin/env bash
# Gives the services the public half of NATS's authority, by which they know the servers: the Secret `gongzhi-nats-authority`, key `ca.crt`, beside the release.
# May be run again at any time; a new authority needs it again.
set -euo pipefail

release=${RELEASE_NAMESPACE:-gongzhi}
nats=${NATS_NAMESPACE:-nats}

kubectl -n "$nats" wait --for=condition=Ready certificate/nats-server --timeout=5m >/dev/null ||
  { echo "the certificate of NATS is not made: kubectl -n $nats describe certificate nats-server" >&2; exit 1; }
authority=$(mktemp)
trap 'rm -f "$authority"' EXIT
kubectl -n "$nats" get secret nats-server-tls -o jsonpath='{.data.ca\.crt}' | base64 -d >"$authority"
grep -q 'BEGIN CERTIFICATE' "$authority" || { echo "the Secret nats-server-tls in $nats has no ca.crt: was nats/certificates.yaml applied?" >&2; exit 1; }
kubectl -n "$release" create secret generic gongzhi-nats-authority --from-file=ca.crt="$authority" --dry-run=client -o yaml | kubectl apply -f -
