-- Posts a body again and again, its counter replaced each time; prints what came of it as one line of JSON.
-- The requests are made before, so that making them does not slow the sending; there are more than a server remembers.
-- Arguments: the file of the body, the key, the counter's text.

local DISTINCT = 4096
local requests = {}
local sent = 0

function init(args)
   local file = assert(io.open(args[1], "rb"))
   local body = file:read("*a")
   file:close()
   local first, last = body:find(args[3], 1, true)
   -- What the official Python client sends.
   local head = table.concat({
      "POST " .. wrk.path .. " HTTP/1.1",
      "Host: " .. wrk.host .. ":" .. wrk.port,
      "Accept-Encoding: gzip, deflate",
      "Connection: keep-alive",
      "Accept: application/json",
      "Content-Type: application/json",
      "User-Agent: OpenAI/Python 3.54.0",
      "X-Stainless-Lang: python",
      "X-Stainless-Package-Version: 3.54.0",
      "X-Stainless-OS: Linux",
      "X-Stainless-Arch: x64",
      "X-Stainless-Runtime: CPython",
      "X-Stainless-Runtime-Version: 3.11.7",
      "Authorization: Bearer " .. args[2],
      "X-Stainless-Async: false",
      "x-stainless-retry-count: 0",
      "x-stainless-read-timeout: 600",
      "Content-Length: " .. #body,
      "\r\n",
   }, "\r\n") .. body:sub(1, first - 1)
   for number = 1, DISTINCT do
      requests[number] = head .. string.format("%0" .. #args[3] .. "d", number) .. body:sub(last + 1)
   end
end

function request()
   sent = sent % DISTINCT + 1
   return requests[sent]
end

function done(summary, latency)
   local errors = summary.errors
   print(string.format(
      '{"requests": %d, "bytes": %d, "seconds": %.6f, "refused": %d, "errors": %d, "p50": %.3f, "p99": %.3f}',
      summary.requests, summary.bytes, summary.duration / 1e6, errors.status,
      errors.connect + errors.read + errors.write + errors.timeout,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
