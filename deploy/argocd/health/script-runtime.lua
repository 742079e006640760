-- What Argo CD shows of a ScriptRuntime. It reads the conditions that Flux reads (kstatus), in the same order.
local status = obj.status or {}

if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "Its latest change has not been taken up yet." }
end

local function health(code, condition)
  return { status = code, message = condition.reason .. ": " .. condition.message }
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.status == "True" then
    -- Its pods are not yet what it says, or not yet as many.
    if condition.type == "Reconciling" then return health("Progressing", condition) end
    -- It needs somebody's help, also where pods of before go on serving.
    if condition.type == "Stalled" then return health("Degraded", condition) end
  end
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    -- One that is scaled to zero is Ready too: executions make it start.
    if condition.status == "True" then return health("Healthy", condition) end
    return health("Progressing", condition)
  end
end

return { status = "Progressing", message = "Its status says nothing yet." }
