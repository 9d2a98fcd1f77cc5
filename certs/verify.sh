#!/bin/sh
# Checks an evidence package with unzip, openssl and coreutils alone.
# 仅使用 unzip、openssl 和 coreutils 检查证据包。
#
#   unzip -p PACKAGE.asice verify.sh > verify.sh
#   sh verify.sh PACKAGE.asice ROOT.pem
#
# ROOT.pem: the root certificates you trust, received another way than with the package.
# ROOT.pem:您信任的根证书,须通过其他途径取得,不得取自证据包。
# It proves who sealed the package and when, and that no file was changed, added or removed.
set -eu
LC_ALL=C
export LC_ALL

fail() {
    printf 'NOT VERIFIED 未通过: %s\n' "$1" >&2
    exit 3
}
if [ $# -ne 2 ]; then
    printf 'usage: sh verify.sh PACKAGE.asice ROOT.pem\n' >&2
    exit 2
fi
package=$1
roots=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=$work/files
mkdir "$files"
unzip -q "$package" -d "$files" </dev/null || fail 'the ZIP is damaged'

[ "$(cat "$files/mimetype")" = application/vnd.etsi.asic-e+zip ] || fail 'mimetype'
manifest=$files/META-INF/ASiCManifest.xml
signature=$files/META-INF/signature.p7s

# 1 Who sealed the manifest
cades=
case $(openssl cms -help 2>&1) in *-cades*) cades=-cades ;; esac
openssl cms -verify $cades -binary -inform DER -in "$signature" -content "$manifest" \
    -CAfile "$roots" -purpose any -out /dev/null 2>"$work/log" ||
    fail "the seal: $(tail -n 1 "$work/log")"
openssl cms -verify -noverify -binary -inform DER -in "$signature" -content "$manifest" \
    -signer "$work/signer.pem" -out /dev/null 2>/dev/null
printf 'sealed by 签章方: %s\n' "$(openssl x509 -in "$work/signer.pem" -noout -subject)"

# 2 Every listed file is as it was sealed
tr '<' '\n' <"$manifest" >"$work/lines"
name=
count=0
: >"$work/listed"
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
    *DataObjectReference\ URI=*)
        name=${line#*URI=\"}
        name=${name%%\"*}
        ;;
    ds:DigestValue\>*)
        expected=$(printf '%s' "${line#*>}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
        [ -f "$files/$name" ] || fail "missing: $name"
        found=$(openssl dgst -sha256 -r "$files/$name" | cut -c1-64)
        [ "$found" = "$expected" ] || fail "changed: $name"
        printf '%s\n' "$name" >>"$work/listed"
        count=$((count + 1))
        ;;
    esac
done <"$work/lines"
[ "$count" -gt 0 ] || fail 'no file is listed'

# 3 No file was added
printf 'mimetype\nMETA-INF/ASiCManifest.xml\nMETA-INF/signature.p7s\n' >>"$work/listed"
sort "$work/listed" >"$work/expected"
unzip -Z1 "$package" | sort >"$work/present"
cmp -s "$work/expected" "$work/present" || fail 'there are files that nobody sealed'
printf 'unchanged 未改动: %s files\n' "$count"

# 4 When: the time-stamp over the signature value, cut out of the signature by its offsets
openssl asn1parse -inform DER -in "$signature" >"$work/tree"
value=
token=
next=0
while IFS= read -r line; do
    offset=${line%%:*}
    offset=$((offset + 0))
    header=${line#*hl=}
    header=$((${header%% *} + 0))
    length=${line#* l=}
    length=${length#"${length%%[0-9]*}"}
    length=$((${length%% *} + 0))
    case $line in
    *:d=5\ *prim:\ OCTET\ STRING*) value="$((offset + header)) $length" ;;
    *OBJECT*:id-smime-aa-timeStampToken*) next=1 ;;
    *cons:\ SEQUENCE*) if [ "$next" = 1 ]; then token="$offset $((header + length))" next=0; fi ;;
    esac
done <"$work/tree"
if [ -z "$token" ]; then
    printf 'VERIFIED 通过, without a time-stamp 无时间戳\n'
    exit 0
fi
cut_out() { tail -c "+$(($1 + 1))" "$signature" | head -c "$2"; }
# shellcheck disable=SC2086 # two numbers each
cut_out $value >"$work/value"
# shellcheck disable=SC2086
cut_out $token >"$work/token"
openssl ts -verify -data "$work/value" -in "$work/token" -token_in -CAfile "$roots" \
    >/dev/null 2>"$work/log" || fail "the time-stamp: $(tail -n 1 "$work/log")"
openssl ts -reply -in "$work/token" -token_in -token_out -text 2>/dev/null >"$work/text" || :
while IFS= read -r line; do
    case $line in 'Time stamp: '*) printf 'sealed before 签章时间: %s\n' "${line#*: }" ;; esac
done <"$work/text"
printf 'VERIFIED 通过\n'
