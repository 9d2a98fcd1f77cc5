#!/bin/sh
# Checks that a document is in a transparency log, with a POSIX shell, openssl (3.0 or later) and
# the core utilities: no program of the gateway is needed.
#
#   verify.sh DOCUMENT PROOF LOG_KEY [WITNESS_KEY]...
#
#   DOCUMENT     the file; the log's entry is its SHA-256 digest
#   PROOF        the proof file (c2sp.org/tlog-proof@v1)
#   LOG_KEY      file with the log's verifier key, one line NAME+ID+KEY
#   WITNESS_KEY  file with a witness's verifier key; each that is given must have cosigned
#
# Exit 0: every check holds.  3: refused, with the reason.  2: wrong use, or a tool is missing.
#
# 本脚本仅用 openssl 与基本命令核对文件是否在透明日志中:退出码 0 通过,3 拒绝,2 用法或环境错误。

set -u
LC_ALL=C
export LC_ALL

refuse() { printf 'REFUSED 拒绝: %s\n' "$*" >&2; exit 3; }
cannot() { printf '%s\n' "$*" >&2; exit 2; }

[ $# -ge 3 ] || cannot "usage: $0 DOCUMENT PROOF LOG_KEY [WITNESS_KEY]..."
for file; do [ -f "$file" ] && [ -r "$file" ] || cannot "cannot read $file"; done
for tool in openssl sha256sum base64 od; do
    command -v "$tool" >/dev/null || cannot "$tool is not installed"
done
document=$1 proof=$2 log_key=$3
shift 3
work=$(mktemp -d) || cannot "cannot make a temporary folder"
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# decode TEXT FILE: canonical base64 only; the bytes go to FILE.
decode() {
    printf '%s' "$1" | base64 -d >"$2" 2>/dev/null || return 1
    [ "$(base64 <"$2" | tr -d '\n')" = "$1" ]
}

length() { wc -c <"$1" | tr -d ' '; }

hex() { od -A n -v -t x1 | tr -d ' \n'; }

# is_number TEXT: decimal, no sign, no leading zero, at most 18 digits.
is_number() {
    case $1 in
        0) return 0 ;;
        '' | 0* | *[!0-9]*) return 1 ;;
    esac
    [ ${#1} -le 18 ]
}

# node LEFT RIGHT OUT: the hash of an inner node over two files of 32 bytes.
node() {
    { printf '\001'; cat "$1" "$2"; } | openssl dgst -sha256 -binary >"$3.new" || cannot "openssl failed"
    mv "$3.new" "$3"
}

# --- The proof file: header, index, nodes, blank line, checkpoint (text, blank line, signatures).

[ "$(tail -c 1 "$proof" | hex)" = 0a ] || refuse "the proof does not end with a line end"
[ "$(tr -d '\n' <"$proof" | tr -d '[:cntrl:]' | wc -c)" -eq "$(tr -d '\n' <"$proof" | wc -c)" ] ||
    refuse "the proof contains control characters"

part=header index='' nodes=0 lines=0 origin='' size='' root=''
: >"$work/text"
: >"$work/signatures"
while IFS= read -r line; do
    case $part in
        header)
            [ "$line" = 'c2sp.org/tlog-proof@v1' ] || refuse "it is no c2sp.org/tlog-proof@v1 file"
            part=extra ;;
        extra | index)
            case $line in
                'extra '*)
                    [ $part = extra ] && decode "${line#extra }" "$work/extra" ||
                        refuse "the extra line is malformed"
                    part=index ;;
                'index '*)
                    index=${line#index }
                    is_number "$index" || refuse "the index is malformed"
                    part=nodes ;;
                *) refuse "the index is missing" ;;
            esac ;;
        nodes)
            if [ -z "$line" ]; then
                part=text
            else
                nodes=$((nodes + 1))
                [ $nodes -le 63 ] || refuse "there are more than 63 nodes"
                decode "$line" "$work/node$nodes" && [ "$(length "$work/node$nodes")" -eq 32 ] ||
                    refuse "node $nodes is malformed"
            fi ;;
        text)
            if [ -z "$line" ]; then
                part=signatures
            else
                lines=$((lines + 1))
                printf '%s\n' "$line" >>"$work/text"
                case $lines in
                    1) origin=$line ;;
                    2) size=$line ;;
                    3) root=$line ;;
                esac
            fi ;;
        signatures)
            [ -n "$line" ] || refuse "there is a blank line among the signatures"
            printf '%s\n' "$line" >>"$work/signatures" ;;
    esac
done <"$proof"
[ $part = signatures ] && [ $lines -ge 3 ] || refuse "the proof is not complete"
is_number "$size" || refuse "the tree size is malformed"
decode "$root" "$work/root" && [ "$(length "$work/root")" -eq 32 ] || refuse "the root is malformed"

# --- Keys and signatures.

# read_key FILE TYPE: sets key_name and key_id, and writes the public key to $work/key.der.
read_key() {
    IFS= read -r key <"$1" || refuse "the key in $1 is malformed"
    key_name=${key%%+*}
    key_rest=${key#*+}
    key_id=${key_rest%%+*}
    case $key_name in '' | *' '*) refuse "the key in $1 is malformed" ;; esac
    decode "${key_rest#*+}" "$work/key" && [ "$(length "$work/key")" -eq 33 ] &&
        [ "$(head -c 1 "$work/key" | hex)" = "$2" ] ||
        refuse "the key in $1 is not an Ed25519 key of type $2"
    [ "$({ printf '%s\n' "$key_name"; cat "$work/key"; } | sha256sum | cut -c 1-8)" = "$key_id" ] ||
        refuse "the key in $1 does not have the id $key_id"
    # The fixed beginning of an Ed25519 public key (RFC 8410), then its 32 bytes.
    { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$work/key"; } >"$work/key.der"
}

# signed MESSAGE SIGNATURE: the key of read_key signed the file MESSAGE.
signed() {
    openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key.der" -rawin -in "$1" \
        -sigfile "$2" >/dev/null 2>&1
}

# log_signature, cosignature: check the bytes after the key id, in $work/value.
log_signature() {
    [ "$(length "$work/value")" -eq 64 ] && signed "$work/text" "$work/value"
}

cosignature() {
    [ "$(length "$work/value")" -eq 72 ] || return 1
    time=0
    for byte in $(head -c 8 "$work/value" | od -A n -v -t u1); do
        time=$((time * 256 + byte))
    done
    [ "$time" -ge 0 ] || return 1
    { printf 'cosignature/v1\ntime %s\n' "$time"; cat "$work/text"; } >"$work/message"
    tail -c 64 "$work/value" >"$work/sig"
    signed "$work/message" "$work/sig"
}

# must_sign CHECK: at least one line is by the key of read_key, and every such line holds.
must_sign() {
    found=no
    while IFS= read -r line; do
        dash=${line%% *}
        name=${line#* }
        blob=${name#* }
        name=${name%% *}
        [ "$dash" = "$(printf '\342\200\224')" ] && [ "$line" = "$dash $name $blob" ] &&
            decode "$blob" "$work/blob" && [ "$(length "$work/blob")" -gt 4 ] ||
            refuse "a signature line is malformed"
        [ "$name" = "$key_name" ] && [ "$(head -c 4 "$work/blob" | hex)" = "$key_id" ] || continue
        tail -c +5 "$work/blob" >"$work/value"
        "$1" || refuse "the signature of $key_name does not hold"
        found=yes
    done <"$work/signatures"
    [ $found = yes ] || refuse "$key_name did not sign"
}

read_key "$log_key" 01
[ "$key_name" = "$origin" ] || refuse "the checkpoint is of $origin, the key of $key_name"
must_sign log_signature
for witness; do
    read_key "$witness" 04
    must_sign cosignature
done

# --- From the document to the root (RFC 9162, 2.1.3.2).

[ "$index" -lt "$size" ] || refuse "the index $index is not below the tree size $size"
openssl dgst -sha256 -binary <"$document" >"$work/digest" || cannot "openssl failed"
{ printf '\000'; cat "$work/digest"; } | openssl dgst -sha256 -binary >"$work/hash"
at=$index last=$((size - 1)) n=0
while [ $n -lt $nodes ]; do
    n=$((n + 1))
    [ $last -gt 0 ] || refuse "the path is too long"
    if [ $((at % 2)) -eq 1 ] || [ "$at" -eq $last ]; then
        node "$work/node$n" "$work/hash" "$work/hash"
        while [ $((at % 2)) -eq 0 ] && [ "$at" -gt 0 ]; do
            at=$((at / 2)) last=$((last / 2))
        done
    else
        node "$work/hash" "$work/node$n" "$work/hash"
    fi
    at=$((at / 2)) last=$((last / 2))
done
[ $last -eq 0 ] || refuse "the path is too short"
[ "$(hex <"$work/hash")" = "$(hex <"$work/root")" ] ||
    refuse "the path does not lead from this document to the signed root"

printf 'OK 通过: entry %s of %s in %s, cosigned by %s\n' "$index" "$size" "$origin" "$#"
