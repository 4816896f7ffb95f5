"""Redis: the script that looks for words and a label among the entries of record_index.py."""

from collections.abc import Sequence
from typing import cast

import redis

# ARGV: the first position, how many positions, how many matches to skip, how many to return, the
# command for the order, the label after "=" or "" for any, words. Label and words have one or two
# forms with NUL between them.
# Returns the number of positions, the number of matches skipped, and ids.
_SEARCH = r"""
local ids = redis.call(ARGV[5], KEYS[2], ARGV[1], ARGV[1] + ARGV[2] - 1)
local label = ARGV[6] ~= '' and '\0' .. string.sub(ARGV[6], 2) .. '\0'
local function has(entry, forms, ending)
  for form in string.gmatch(forms, '[^%z]+') do
    local at = string.find(entry, form, 1, true)
    if at and at + #form <= ending then return true end
  end
  return false
end
local matches, skip, limit, skipped = {}, tonumber(ARGV[3]), tonumber(ARGV[4]), 0
local entries = #ids > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
for i, entry in ipairs(entries) do
  local ending = entry and string.find(entry, '\0', 1, true) or 0
  local matching = not label or (entry
      and string.find(label, '\0' .. string.sub(entry, ending + 1) .. '\0', 1, true))
  for word = 7, #ARGV do
    if not entry or not has(entry, ARGV[word], ending) then matching = false break end
  end
  if matching and skipped < skip then skipped = skipped + 1
  elseif matching then matches[#matches + 1] = ids[i] end
  if #matches == limit then break end
end
return {#ids, skipped, matches}
"""


def find(
    client: "redis.Redis", entries: str, images: str, arguments: Sequence[str]
) -> tuple[int, int, list[str]]:
    """Run the script on the hash of entries and the sorted set of ids; see above."""
    found = client.eval(_SEARCH, 2, entries, images, *arguments)
    return cast(tuple[int, int, list[str]], found)
