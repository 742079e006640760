-- What Argo CD shows of a ScriptEndpoint. It reads the conditions that Flux reads (kstatus), in the same order.
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
    -- Its script does not compile, its runtime refuses it, or its hostname is another's.
    if condition.type == "Stalled" then return health("Degraded", condition) end
  end
end

for _, condition in ipairs(status.conditions or {}) do
  if condition.type == "Ready" then
    if condition.status ~= "True" then return health("Progressing", condition) end
    -- Also where its runtime is at zero pods: the first request starts one.
    return health("Healthy", condition)
  end
end

return { status = "Progressing", message = "Its status says nothing yet." }
