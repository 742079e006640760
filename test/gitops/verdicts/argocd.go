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

// The health values of Argo CD (v3.6), and the time limit of a health check.
var healths = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

const patience = time.Second

// argoHealth follows Argo CD (gitops-engine, pkg/health; util/lua): an object that is being deleted is never passed to
// the script; otherwise the script finds the object in the global obj, with few libraries, and returns a table.
func argoHealth(object *unstructured.Unstructured, script string) (Verdict, error) {
	if object.GetDeletionTimestamp() != nil {
		return Verdict{Status: "Progressing", Message: "Pending deletion"}, nil
	}
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	// The libraries Argo CD opens, except its own os module: no string, no math, no io.
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
		return Verdict{}, fmt.Errorf("the health check must return a table, not a %s", returned.Type())
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
		return Verdict{}, fmt.Errorf("%q is not a health: Argo CD would report Unknown", health.Status)
	}
	return health, nil
}

// luaValue converts JSON to Lua: numbers become floating-point, and null members are absent.
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
