#!/bin/sh
# Asks the model a question and prints its answer; nothing in it knows of a double.
set -eu

question=$(jq -n --arg text "$1" '{model: "gpt-5.4-mini", messages: [{role: "user", content: $text}]}')
curl --silent --show-error --fail --retry 2 "$OPENAI_BASE_URL/chat/completions" \
  -H "Authorization: Bearer $OPENAI_API_KEY" -H "Content-Type: application/json" -d "$question" |
  jq -r '.choices[0].message.content'
