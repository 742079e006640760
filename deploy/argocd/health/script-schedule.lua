-- What Argo CD shows of a ScriptSchedule. It reads the conditions that Flux reads (kstatus), in the same order.
local status = obj.status or {}

if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "Its latest change has not been taken up yet." }
end

local function health(code, condition)
  return { status = code, message = condition.reason .. ": " .. condition.message }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.status == "True" then
    if condition.type == "Reconciling" then return health("Progressing", condition) end
    -- The schedule, its time zone or its template cannot be used.
    if condition.type == "Stalled" then return health("Degraded", condition) end
  end
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    if condition.status ~= "True" then return health("Progressing", condition) end
    -- As Argo CD shows a suspended CronJob.
    if condition.reason == "Suspended" then return health("Suspended", condition) end
    -- Also where an execution of it has failed: that is not the state of the schedule.
    return health("Healthy", condition)
  end
end

return { status = "Progressing", message = "Its status says nothing yet." }
