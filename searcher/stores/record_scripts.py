"""Redis' scripts of the index of names and labels.

KEYS: NAMES, LABELS and IMAGES of `record_index`, or the first and the last of these.
"""

# ARGV: triples of an id, the expected entry (ANY for any) and the new one (empty for none).
# Counts are set, not incremented, so that commands after a damaged part of Redis' append-only file
# stay valid.
WRITE = r"""
local names, labels, images = KEYS[1], KEYS[2], KEYS[3]
local function add(entry, number)
  local at = string.find(entry, '\0', 1, true)
  if not at then return end
  local label = string.sub(entry, at + 1)
  local count = (tonumber(redis.call('HGET', labels, label)) or 0) + number
  if count > 0 then redis.call('HSET', labels, label, count)
  else redis.call('HDEL', labels, label) end
end
for i = 1, #ARGV, 3 do
  local id, expected, new = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local old = redis.call('HGET', names, id) or ''
  if old ~= new and (expected == '*' or expected == old)
      and (new == '' or redis.call('ZSCORE', images, id)) then
    add(old, -1)
    if new == '' then redis.call('HDEL', names, id) else redis.call('HSET', names, id, new) end
    add(new, 1)
  end
end
"""

# ARGV: the first position, how many positions, how many matches to skip, how many to return, the
# command for the order, the label after "=" or "" for any, words. Label and words have one or two
# forms with NUL between them.
# Returns the number of positions, the number of matches skipped, and ids.
SEARCH = r"""
local ids = redis.call(ARGV[5], KEYS[2], ARGV[1], ARGV[1] + ARGV[2] - 1)
local label = ARGV[6] ~= '' and '\0' .. string.sub(ARGV[6], 2) .. '\0'
local find, words = string.find, {}
for word = 7, #ARGV do
  local forms = {}
  for form in string.gmatch(ARGV[word], '[^%z]+') do forms[#forms + 1] = form end
  words[#words + 1] = forms
end
-- Looks for the words, which most entries lack, before it looks where the label begins.
local function is_match(entry)
  for _, forms in ipairs(words) do
    local has = false
    for _, form in ipairs(forms) do
      local at = find(entry, form, 1, true)
      has = has or (at and at + #form <= (find(entry, '\0', 1, true) or 0))
    end
    if not has then return false end
  end
  local ending = label and find(entry, '\0', 1, true)
  return not label or find(label, '\0' .. string.sub(entry, (ending or 0) + 1) .. '\0', 1, true)
end
local matches, skip, limit, skipped = {}, tonumber(ARGV[3]), tonumber(ARGV[4]), 0
local entries = #ids > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
for i, entry in ipairs(entries) do
  if (entry or (#words == 0 and not label)) and is_match(entry) then
    if skipped < skip then skipped = skipped + 1
    else matches[#matches + 1] = ids[i] end
    if #matches == limit then break end
  end
end
return {#ids, skipped, matches}
"""

# ARGV: the first position, how many positions, and labels, whose order does not matter.
# Returns the number of positions, and the ids of pictures with one of the labels.
LABELLED = r"""
local ids, labels = redis.call('ZRANGE', KEYS[2], ARGV[1], ARGV[1] + ARGV[2] - 1), {}
for i = 3, #ARGV do labels[ARGV[i]] = true end
local entries = #ids > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
local matches = {}
for i, entry in ipairs(entries) do
  local at = entry and string.find(entry, '\0', 1, true)
  if at and labels[string.sub(entry, at + 1)] then matches[#matches + 1] = ids[i] end
end
return {#ids, matches}
"""
