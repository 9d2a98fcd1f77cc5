#!/bin/sh
# Checks an evidence package with unzip, openssl and coreutils alone.
# 仅使用 unzip、openssl 和 coreutils 检查证据包。
#
#   unzip -p PACKAGE.asice verify.sh > verify.sh
#   sh verify.sh PACKAGE.asice ROOT.pem
#
# ROOT.pem: the root certificates you trust, received another way than with the package.
# ROOT.pem:您信任的根证书,须通过其他途径取得,不得取自证据包。
# SECONDS (since 1970): judge as of that time, else now. 以该时间为准,否则为当前时间。
# It proves who sealed the package and when, and that no file was changed, added or removed.
set -eu
LC_ALL=C
export LC_ALL

fail() {
    printf 'NOT VERIFIED 未通过: %s\n' "$1" >&2
    exit 3
}
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
    printf 'usage: sh verify.sh PACKAGE.asice ROOT.pem [SECONDS]\n' >&2
    exit 2
fi
package=$1
roots=$2
at=${3-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
files=$work/files
mkdir "$files"
unzip -q "$package" -d "$files" </dev/null || fail 'the ZIP is damaged'

[ -f "$files/mimetype" ] && [ "$(cat "$files/mimetype")" = application/vnd.etsi.asic-e+zip ] ||
    fail 'mimetype is not that of a container'
meta=$files/META-INF
manifest=$meta/ASiCManifest.xml
signature=$meta/signature.p7s
for each in "$manifest" "$signature"; do
    [ -f "$each" ] || fail "missing: META-INF/${each##*/}"
done

# Every file that manifest $1 lists is as it was; the names go to the file $2.
check_list() {
    tr '<' '\n' <"$1" >"$work/lines"
    name=
    algorithm=sha256
    count=0
    : >"$2"
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        *DataObjectReference\ URI=*)
            name=${line#*URI=\"}
            name=${name%%\"*}
            ;;
        ds:DigestMethod*sha512\"*) algorithm=sha512 ;;
        ds:DigestMethod*sha384\"*) algorithm=sha384 ;;
        ds:DigestMethod*sha256\"*) algorithm=sha256 ;;
        ds:DigestMethod*) fail "unknown digest: $name" ;;
        ds:DigestValue\>*)
            expected=$(printf '%s' "${line#*>}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
            [ -f "$files/$name" ] || fail "missing: $name"
            found=$(openssl dgst "-$algorithm" -r "$files/$name" | cut -d ' ' -f 1)
            [ "$found" = "$expected" ] || fail "changed: $name"
            printf '%s\n' "$name" >>"$2"
            count=$((count + 1))
            ;;
        esac
    done <"$work/lines"
    [ "$count" -gt 0 ] || fail 'no file is listed'
}

# What covers manifest $1 becomes $token.
covering() {
    tr '<' '\n' <"$1" >"$work/lines"
    token=
    while IFS= read -r line; do
        case $line in *SigReference\ URI=*) token=${line#*URI=\"} token=${token%%\"*} ;; esac
    done <"$work/lines"
    [ -f "$files/$token" ] || fail "missing: $token"
}

# Time-stamp $2 over file $1, which is $3, is good at the time $at, if that is not empty; its time
# becomes $at.
check_stamp() {
    # shellcheck disable=SC2086 # nothing, or an option and a number
    openssl ts -verify -data "$1" -in "$2" -token_in -CAfile "$roots" ${at:+-attime $at} \
        >/dev/null 2>"$work/log" || fail "the time-stamp on $3: $(tail -n 1 "$work/log")"
    openssl ts -reply -in "$2" -token_in -token_out -text 2>/dev/null >"$work/text" || :
    stamped=
    while IFS= read -r line; do
        case $line in 'Time stamp: '*) stamped=${line#*: } ;; esac
    done <"$work/text"
    # "Mar 14 08:00:00.123 2026 GMT": the fraction goes
    whole=$stamped
    case $stamped in *.*) whole=${stamped#*.} whole="${stamped%%.*} ${whole#* }" ;; esac
    at=$(date -u -d "$whole" +%s 2>/dev/null || date -j -u -f '%b %e %T %Y %Z' "$whole" +%s)
}

# 1 Every listed file is as it was sealed
check_list "$manifest" "$work/listed"
sealed=$count

# 2 The archive time-stamps, the newest first: each is good at the time of the one after it
set -- "$meta"/ASiCArchiveManifest[0-9]*.xml
[ -f "$1" ] || set --
layers=
for layer in "$@"; do layers="$layer
$layers"; done
[ ! -f "$meta/ASiCArchiveManifest.xml" ] || layers="$meta/ASiCArchiveManifest.xml
$layers"
printf '%s' "$layers" >"$work/layers"
while IFS= read -r layer; do
    [ -n "$layer" ] || continue
    check_list "$layer" "$work/archived"
    covering "$layer"
    check_stamp "$layer" "$files/$token" "META-INF/${layer##*/}"
    printf 'META-INF/%s\n%s\n' "${layer##*/}" "$token" >>"$work/listed"
    printf 'archived 归档: %s\n' "$stamped"
done <"$work/layers"

# Evidence records (RFC 4998): what they list is as it was; what they prove is not judged here
for record in "$meta"/ASiCEvidenceRecordManifest*.xml; do
    [ -f "$record" ] || continue
    check_list "$record" "$work/recorded"
    covering "$record"
    printf 'META-INF/%s\n%s\n' "${record##*/}" "$token" >>"$work/listed"
    printf 'evidence record, not judged here 证据记录,此处不判断: %s\n' "$token"
done

# 3 No file was added
printf 'mimetype\nMETA-INF/ASiCManifest.xml\nMETA-INF/signature.p7s\n' >>"$work/listed"
sort "$work/listed" >"$work/expected"
unzip -Z1 "$package" | sort >"$work/present"
expected=$(printf '\n' && cat "$work/expected" && printf .)
while IFS= read -r name; do
    case $expected in
    *"
$name
"*) ;;
    *) fail "nobody sealed: $name" ;;
    esac
done <"$work/present"
[ "$(cat "$work/expected")" = "$(cat "$work/present")" ] || fail 'a name is there twice'
printf 'unchanged 未改动: %s files\n' "$sealed"

# 4 When: the time-stamp over the signature value, cut out of the signature by its offsets
openssl asn1parse -inform DER -in "$signature" >"$work/tree" 2>/dev/null ||
    fail 'the seal cannot be read: META-INF/signature.p7s'
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
cut_out() { tail -c "+$(($1 + 1))" "$signature" | head -c "$2"; }
if [ -n "$token" ]; then
    # shellcheck disable=SC2086 # two numbers each
    cut_out $value >"$work/value"
    # shellcheck disable=SC2086
    cut_out $token >"$work/token"
    check_stamp "$work/value" "$work/token" 'the seal'
fi

# 5 Who sealed the manifest, by then
cades=
case $(openssl cms -help 2>&1) in *-cades*) cades=-cades ;; esac
# shellcheck disable=SC2086 # nothing, or an option and a number
openssl cms -verify $cades -binary -inform DER -in "$signature" -content "$manifest" \
    -CAfile "$roots" -purpose any ${at:+-attime $at} -out /dev/null 2>"$work/log" ||
    fail "the seal: $(tail -n 1 "$work/log")"
openssl cms -verify -noverify -binary -inform DER -in "$signature" -content "$manifest" \
    -signer "$work/signer.pem" -out /dev/null 2>/dev/null
printf 'sealed by 签章方: %s\n' "$(openssl x509 -in "$work/signer.pem" -noout -subject)"
if [ -n "$token" ]; then
    printf 'sealed before 签章时间: %s\n' "$stamped"
    printf 'VERIFIED 通过\n'
else
    printf 'VERIFIED 通过, without a time-stamp 无时间戳\n'
fi
