#!/bin/sh
# The same as sfetch.ts with openssl and curl.
set -eu
encode() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
unsigned="$(printf '{"alg":"RS256"}' | encode).$(printf '{"iss":"%s","sub":"%s","aud":"%s","exp":%s}' \
  "$SF_CLIENT_ID" "$SF_USERNAME" "$SF_LOGIN_URL" "$(($(date +%s) + 180))" | encode)"
signature="$(printf %s "$unsigned" | openssl dgst -sha256 -sign "$SF_PRIVATE_KEY_FILE" -binary | encode)"
token="$(curl -sS "$SF_LOGIN_URL/services/oauth2/token" \
  --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \
  --data-urlencode "assertion=$unsigned.$signature" | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"
curl -sS -G "$SF_LOGIN_URL/services/data/v67.0/query" -H "Authorization: Bearer $token" \
  --data-urlencode "q=SELECT Id, Name FROM Account LIMIT 5" | grep -o '"Id"' | grep -c Id
