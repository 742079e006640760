-- What Argo CD shows of a ScriptExecution. It reads the conditions that Flux reads (kstatus), in the same order, and tells
-- beside them what was suspended on purpose from what has failed.
local status = obj.status or {}

if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "Its latest change has not been taken up yet." }
end

local function health(code, condition)
  return { status = code, message = condition.reason .. ": " .. condition.message }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.status == "True" then
    -- It waits, or runs.
    if condition.type == "Reconciling" then return health("Progressing", condition) end
    if condition.type == "Stalled" then
      if condition.reason == "Suspended" then return health("Suspended", condition) end
      -- It has failed for good: only another script, other params or another rerunToken start it again.
      return health("Degraded", condition)
    end
  end
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    -- Ready is the last word of a run that completed.
    if condition.status == "True" then return health("Healthy", condition) end
    return health("Progressing", condition)
  end
end

return { status = "Progressing", message = "Its status says nothing yet." }
