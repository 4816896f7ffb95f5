"""Redis' scripts of the arena's votes.

Each is atomic: neither a crash nor a second click can count a vote, or undo one, in part or twice.
KEYS: ballots, tallies, votes, the number of votes by visitor, the visitor's receipts, and the
comparison.
"""

# Earlier versions have ballots, [visitor, query, first, second], without numbers by visitor.
_ADD_NUMBERS = """
if redis.call('EXISTS', KEYS[4]) == 0 then
  for _, ballot in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    redis.call('HINCRBY', KEYS[4], cjson.decode(ballot)[1], 1)
  end
end
"""

# ARGV: visitor, ballot, cell of the tallies, vote, receipt, outcome, seconds until the receipts
# expire, number of receipts that are kept. Returns whether the vote was counted.
COUNT = f"""
if redis.call('EXISTS', KEYS[6]) == 0 then return 0 end
if redis.call('HSETNX', KEYS[6], 'choice', ARGV[6]) == 0 then return 0 end
{_ADD_NUMBERS}
if redis.call('SADD', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
redis.call('RPUSH', KEYS[3], ARGV[4])
redis.call('HINCRBY', KEYS[4], ARGV[1], 1)
redis.call('RPUSH', KEYS[5], ARGV[5])
redis.call('LTRIM', KEYS[5], -ARGV[8], -1)
redis.call('EXPIRE', KEYS[5], ARGV[7])
return 1
"""

# ARGV: as above, up to the receipt, which must be the visitor's last. Returns whether a vote was
# undone. The receipt of a vote that is gone is dropped.
UNDO = f"""
if redis.call('LINDEX', KEYS[5], -1) ~= ARGV[5] then return 0 end
redis.call('RPOP', KEYS[5])
{_ADD_NUMBERS}
if redis.call('SREM', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('LREM', KEYS[3], -1, ARGV[4])
for key, field in pairs({{[2] = ARGV[3], [4] = ARGV[1]}}) do
  if redis.call('HINCRBY', KEYS[key], field, -1) <= 0 then redis.call('HDEL', KEYS[key], field) end
end
if redis.call('HDEL', KEYS[6], 'choice') == 1 then redis.call('HSET', KEYS[6], 'revealed', 1) end
return 1
"""

# ARGV: visitor. Returns the numbers of the visitor's votes, of all votes, and of those
# that can be undone.
NUMBERS = f"""
{_ADD_NUMBERS}
local own = tonumber(redis.call('HGET', KEYS[4], ARGV[1]) or 0)
local receipts = own > 0 and redis.call('LLEN', KEYS[5]) or 0
return {{own, redis.call('LLEN', KEYS[3]), receipts}}
"""

# KEYS: a mark, the votes, the tallies. ARGV: of each vote the entry, and the cell of the tallies.
# Returns whether they were counted.
RESTORE = """
if redis.call('SETNX', KEYS[1], 1) == 0 then return 0 end
for i = #ARGV - 1, 1, -2 do
  redis.call('LPUSH', KEYS[2], ARGV[i])
  redis.call('HINCRBY', KEYS[3], ARGV[i + 1], 1)
end
return 1
"""
