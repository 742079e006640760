import { API_VERSION } from '../api/crd.ts';
import type { ScriptEndpoint, ScriptExecution, ScriptRuntime, ScriptSchedule } from '../api/types.generated.ts';
import { defineResource } from '../kube/resource.ts';

export const SCRIPT_RUNTIMES = defineResource<ScriptRuntime>(API_VERSION, 'ScriptRuntime', 'scriptruntimes');
export const SCRIPT_EXECUTIONS = defineResource<ScriptExecution>(API_VERSION, 'ScriptExecution', 'scriptexecutions');
export const SCRIPT_SCHEDULES = defineResource<ScriptSchedule>(API_VERSION, 'ScriptSchedule', 'scriptschedules');
export const SCRIPT_ENDPOINTS = defineResource<ScriptEndpoint>(API_VERSION, 'ScriptEndpoint', 'scriptendpoints');
