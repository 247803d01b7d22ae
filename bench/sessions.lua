-- Posts a body for each of many keys in turn, so often; then it stops. Prints what came of it as one line of JSON.
-- Arguments: the file of the body, the key, the counter's text, the number of keys, how often each.

local counter, head, body
local keys, wanted, sent, answered, refused = 0, 0, 0, 0, 0

function init(args)
   local file = assert(io.open(args[1], "rb"))
   body = file:read("*a")
   file:close()
   head = "POST " .. wrk.path .. " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port
      .. "\r\nContent-Type: application/json\r\nContent-Length: " .. #body .. "\r\nAuthorization: Bearer " .. args[2]
   counter = args[3]
   keys = tonumber(args[4])
   wanted = keys * tonumber(args[5])
end

function request()
   local first, last = body:find(counter, 1, true)
   sent = sent + 1
   return head .. string.format("-%06d\r\n\r\n", sent % keys)
      .. body:sub(1, first - 1) .. string.format("%0" .. #counter .. "d", sent) .. body:sub(last + 1)
end

-- wrk itself would sleep for the rest of its time.
function response(status)
   answered = answered + 1
   if status ~= 200 then refused = refused + 1 end
   if answered == wanted then
      print(string.format('{"answered": %d, "refused": %d}', answered, refused))
      os.exit(0)
   end
end
