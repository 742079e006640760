package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	luajson "layeh.com/gopher-json"
)

// What Argo CD (v3.6) takes for a health, and how long a health check may take.
var healths = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

const patience = time.Second

// argoHealth does what Argo CD does (gitops-engine, pkg/health; util/lua): an object that is being deleted is never shown to the
// script; else the script finds the object in the global obj, with few libraries around it, and returns a table.
func argoHealth(object *unstructured.Unstructured, script string) (Verdict, error) {
	if object.GetDeletionTimestamp() != nil {
		return Verdict{Status: "Progressing", Message: "Pending deletion"}, nil
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	// No more than Argo CD opens, but for its own os, which tells the time only: no string, no math, no io.
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage,
		lua.BaseLibName: lua.OpenBase,
		lua.TabLibName:  lua.OpenTable,
	} {
		state.Push(state.NewFunction(open))
		state.Push(lua.LString(name))
		state.Call(1, 0)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", luaValue(state, object.Object))
	if err := state.DoString(script); err != nil {
		return Verdict{}, err
	}
	returned := state.Get(-1)
	if returned.Type() != lua.LTTable {
		return Verdict{}, fmt.Errorf("the health check gives no table but a %s", returned.Type())
	}
	text, err := luajson.Encode(returned)
	if err != nil {
		return Verdict{}, err
	}
	var health Verdict
	if err := json.Unmarshal(text, &health); err != nil {
		return Verdict{}, err
	}
	if !slices.Contains(healths, health.Status) {
		return Verdict{}, fmt.Errorf("%q is no health: Argo CD would say Unknown", health.Status)
	}
	return health, nil
}

// luaValue gives JSON to Lua: numbers are floating-point there, and a member that is null is not there.
func luaValue(state *lua.LState, value any) lua.LValue {
	switch value := value.(type) {
	case bool:
		return lua.LBool(value)
	case string:
		return lua.LString(value)
	case int64:
		return lua.LNumber(value)
	case float64:
		return lua.LNumber(value)
	case []any:
		table := state.NewTable()
		for _, item := range value {
			table.Append(luaValue(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for name, member := range value {
			table.RawSetString(name, luaValue(state, member))
		}
		return table
	default:
		return lua.LNil
	}
}
