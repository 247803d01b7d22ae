"""The steps of the Redis store as Lua scripts, each of which Redis runs as one step.

A session has four keys: `values` is a hash of values by name, of the names of a value's parts under `parts:` and its
name, and of the value that a part is of under `of:` and the part's name; `order` a sorted set of the names of values in
the order they were first put; `lists` a hash of lists by name, each as `head tail count bytes`; `items` a hash of the
items of all lists, each as `size:value` under `name`, a zero byte and its place. The number of keys of a session does
not grow, so all of them expire together, and a cluster keeps them in one slot.
"""

from dataclasses import dataclass
from hashlib import sha1
from typing import Final


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the digest that Redis knows it by."""

    text: str
    sha: str


_COMMON: Final = """
local V, O, L, I = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local call = redis.call

local function used()
  local milliseconds = tonumber(ARGV[1])
  if milliseconds > 0 then
    for _, key in ipairs(KEYS) do call('PEXPIRE', key, milliseconds) end
  end
end

local function note(name)
  local last = call('ZRANGE', O, -1, -1, 'WITHSCORES')
  call('ZADD', O, 'NX', (tonumber(last[2]) or 0) + 1, name)
end

local function put(name, value)
  if value == '' then
    call('HDEL', V, name)
    call('ZREM', O, name)
  elseif call('HSET', V, name, value) == 1 then
    note(name)
  end
  used()
end

local function add(name, by)
  if call('HEXISTS', V, name) == 0 then note(name) end
  local count = call('HINCRBY', V, name, by)
  used()
  return count
end

local function list(name)
  local held = call('HGET', L, name)
  if not held then return 0, 0, 0, 0 end
  local head, tail, count, bytes = string.match(held, '^(%d+) (%d+) (%d+) (%d+)$')
  return tonumber(head), tonumber(tail), tonumber(count), tonumber(bytes)
end

local function set(name, head, tail, count, bytes)
  if count == 0 then
    call('HDEL', L, name)
  else
    call('HSET', L, name, string.format('%d %d %d %d', head, tail, count, bytes))
  end
  used()
end

local function place(name, at) return name .. '\\0' .. string.format('%d', at) end

local function parts(item)
  local colon = string.find(item, ':', 1, true)
  return tonumber(string.sub(item, 1, colon - 1)), string.sub(item, colon + 1)
end

local function take(name, at)
  local key = place(name, at)
  local item = call('HGET', I, key)
  if item then
    call('HDEL', I, key)
    return parts(item)
  end
end
"""


def _script(body: str) -> Script:
    text = _COMMON + body
    # Redis itself names scripts by this digest.
    return Script(text, sha1(text.encode(), usedforsecurity=False).hexdigest())


ENTER: Final = _script("return {add(ARGV[2], 1), call('HGET', V, ARGV[3]) or ''}")
PUT: Final = _script("put(ARGV[2], ARGV[3])")
SWAP: Final = _script(
    """
local now = call('HGET', V, ARGV[2]) or ''
if now ~= ARGV[3] then return {0, now} end
put(ARGV[2], ARGV[4])
return {1, ''}
"""
)
RETAIN: Final = _script(
    """
local name, names, parts = ARGV[2], 'parts:' .. ARGV[2], {}
for at = 4, #ARGV, 2 do
  if call('HSET', V, ARGV[at], ARGV[at + 1], 'of:' .. ARGV[at], name) > 0 then note(ARGV[at]) end
  parts[#parts + 1] = ARGV[at]
end
if #parts > 0 then
  call('HSET', V, names, cjson.encode(parts))
elseif ARGV[3] == '' then
  for _, part in ipairs(cjson.decode(call('HGET', V, names) or '[]')) do
    if call('HGET', V, 'of:' .. part) == name then
      call('HDEL', V, part, 'of:' .. part)
      call('ZREM', O, part)
    end
  end
  call('HDEL', V, names)
end
put(name, ARGV[3])
"""
)
INCREMENT: Final = _script("return add(ARGV[2], ARGV[3])")
ROTATE: Final = _script(
    """
local slot = ARGV[2] .. ':' .. string.format('%d', add(ARGV[2], 1) % tonumber(ARGV[4]))
local oldest = call('HGET', V, slot) or ''
put(slot, ARGV[3])
return oldest
"""
)
APPEND: Final = _script(
    """
local name, value, size, most, limit = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local head, tail, count, bytes = list(name)
call('HSET', I, place(name, tail), ARGV[4] .. ':' .. value)
tail, count, bytes = tail + 1, count + 1, bytes + size
local dropped = 0
while count > most or (bytes > limit and count > 1) do
  local gone = take(name, head)
  head = head + 1
  if gone then count, bytes, dropped = count - 1, bytes - gone, dropped + 1 end
end
set(name, head, tail, count, bytes)
return dropped
"""
)
DROP: Final = _script(
    """
local name = ARGV[2]
local head, tail = list(name)
for at = head, tail - 1 do call('HDEL', I, place(name, at)) end
set(name, 0, 0, 0, 0)
"""
)
REMOVE: Final = _script(
    """
local name, wanted = ARGV[2], ARGV[3]
local head, tail, count, bytes = list(name)
for at = head, tail - 1 do
  local item = call('HGET', I, place(name, at))
  if item then
    local size, value = parts(item)
    if value == wanted then
      call('HDEL', I, place(name, at))
      set(name, head, tail, count - 1, bytes - size)
      return 1
    end
  end
end
return 0
"""
)
ITEMS: Final = _script(
    """
local name, found = ARGV[2], {}
local head, tail = list(name)
for at = head, tail - 1 do
  local item = call('HGET', I, place(name, at))
  if item then
    local _, value = parts(item)
    found[#found + 1] = value
  end
end
return found
"""
)
