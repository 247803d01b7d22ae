#!/bin/sh
# Tests weather.sh against the double at CHATDOUBLE_URL.
set -eu
cd "$(dirname "$0")"
url=${CHATDOUBLE_URL:-http://localhost:8000}
export OPENAI_BASE_URL="$url/v1" OPENAI_API_KEY=sk-test-shell

double() { # double METHOD PATH [BODY]: asks the control API, for the session of the key
  curl --silent --show-error --fail-with-body -X "$1" "$url/_double/$2" \
    -H "Authorization: Bearer $OPENAI_API_KEY" ${3:+-d "$3"}
}
equal() { # equal EXPECTED FOUND
  test "$1" = "$2" || { echo "expected: $1" "found:    $2" >&2; exit 1; }
}

double POST reset > /dev/null
double POST script '{"turns": [
  {"when": {"user": "*Paris*"}, "reply": {"error": {"status": 429, "retry_after": 0}}},
  {"reply": "18 degrees."}
]}' > /dev/null

equal "18 degrees." "$(./weather.sh "How warm is it in Paris?")"
equal "429 200" "$(double GET requests | jq -r '.data | map(.status) | join(" ")')"
equal "How warm is it in Paris?" "$(double GET requests | jq -r '.data[-1].request.messages[-1].content')"
equal "true" "$(double GET verdict | jq -r .ok)"
echo "1 passed, 0 failed"
