#!/usr/bin/env bash
# Makes the Secrets of a new district, once: NATS's operator and credentials, the key of contact data, the signing key, the address of NATS. It changes none
# that is there, and keeps the private half of NATS's operator in the folder that it is given, which belongs into a safe and not onto a server.
#
#   deploy/district/secrets.sh FOLDER
#
# Needs kubectl with the right to make Secrets, openssl, and the program: `gongzhi` on PATH, or GONGZHI='podman run --rm -v … IMAGE'.
set -euo pipefail

folder=${1:?say into which new folder the keys of the NATS operator go, for example ./keys-330105}
release=${RELEASE_NAMESPACE:-gongzhi}
nats=${NATS_NAMESPACE:-nats}
gongzhi=${GONGZHI:-gongzhi}

stop() { echo "$*" >&2; exit 1; }
command -v kubectl >/dev/null || stop "kubectl is not there: install it, and give it the cluster's KUBECONFIG"
command -v openssl >/dev/null || stop "openssl is not there: install it (Debian: openssl)"
[ ! -e "$folder" ] || stop "$folder is there already: keys are never written over; name a new folder, or see runbooks/key-rotation.md"
for namespace in "$release" "$nats"; do
  kubectl get namespace "$namespace" >/dev/null || stop "the namespace $namespace is missing: kubectl apply -f deploy/district/namespaces.yaml"
done
for secret in "$release/gongzhi-keys" "$release/gongzhi-nats" "$nats/nats-operator"; do
  ! kubectl -n "${secret%/*}" get secret "${secret#*/}" >/dev/null 2>&1 || stop "the Secret $secret is there already: a district has its keys; to change them see runbooks/key-rotation.md"
done

umask 077
$gongzhi bus keys "$folder" >/dev/null || stop "\`$gongzhi bus keys\` failed: name the program with GONGZHI"

# Ed25519 as PKCS #8 version 2, with the public half in it: the program takes no other.
signing_key() {
  local key
  key=$(mktemp)
  openssl genpkey -algorithm ed25519 -outform DER -out "$key"
  {
    printf '\x30\x51\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20'
    tail -c 32 "$key"
    printf '\x81\x21\x00'
    openssl pkey -inform DER -in "$key" -pubout -outform DER | tail -c 32
  } | openssl base64 -A
  rm -f "$key"
}

# From files and not from the command line, where others could read them.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
openssl rand -hex 32 | tr -d '\n' >"$scratch/contact-key"
signing_key >"$scratch/signing-key"
printf 'tls://nats.%s:4222' "$nats" >"$scratch/url"

kubectl -n "$release" create secret generic gongzhi-keys --from-file=contact-key="$scratch/contact-key" --from-file=signing-key="$scratch/signing-key"
kubectl -n "$release" create secret generic gongzhi-nats --from-file=url="$scratch/url" --from-file=credentials="$folder/services.creds" \
  --from-file=operator-seed="$folder/operator.seed" --from-file=system-credentials="$folder/system.creds"
kubectl -n "$nats" create secret generic nats-operator --from-file=operator.conf="$folder/operator.conf" --from-file=services.creds="$folder/services.creds" \
  --from-file=system.creds="$folder/system.creds"

echo "Put into a safe, apart from every backup of the database:"
echo "  $folder/nats-keys, and the Secret $release/gongzhi-keys: kubectl -n $release get secret gongzhi-keys -o yaml"
echo "Whoever loses contact-key can read no contact data of before (how it is changed: runbooks/key-rotation.md)."
