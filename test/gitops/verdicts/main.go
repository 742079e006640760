// Command verdicts reports the health of Kubernetes objects in GitOps tools. It reads a JSON list of objects from
// standard input and writes a JSON list: for each object, in order, the status of kstatus (used by Flux and others) and
// the health of Argo CD with our health checks.
//
//	verdicts KIND=FILE...     FILE is the health check, in Lua, of objects of that kind
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Verdict is the health of an object in one tool.
type Verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// Verdicts are the healths of one object in both tools.
type Verdicts struct {
	Kstatus Verdict `json:"kstatus"`
	ArgoCD  Verdict `json:"argoCD"`
}

func main() {
	checks, err := readChecks(os.Args[1:])
	if err != nil {
		fail(err)
	}
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		fail(err)
	}
	var list []json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		fail(err)
	}
	all := make([]Verdicts, 0, len(list))
	for index, text := range list {
		// UnmarshalJSON turns whole numbers into int64, as an API server's client does; kstatus requires it.
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			fail(fmt.Errorf("object %d: %w", index, err))
		}
		verdicts, err := judge(object, checks)
		if err != nil {
			fail(fmt.Errorf("object %d (%s): %w", index, object.GetName(), err))
		}
		all = append(all, verdicts)
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		fail(err)
	}
}

// readChecks reads the health check of each kind.
func readChecks(args []string) (map[string]string, error) {
	checks := map[string]string{}
	for _, arg := range args {
		kind, file, found := strings.Cut(arg, "=")
		if !found {
			return nil, fmt.Errorf("usage: verdicts KIND=FILE... < objects.json")
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		checks[kind] = string(text)
	}
	return checks, nil
}

func judge(object *unstructured.Unstructured, checks map[string]string) (Verdicts, error) {
	computed, err := status.Compute(object)
	if err != nil {
		return Verdicts{}, err
	}
	check, known := checks[object.GetKind()]
	if !known {
		return Verdicts{}, fmt.Errorf("no health check for kind %q", object.GetKind())
	}
	health, err := argoHealth(object, check)
	if err != nil {
		return Verdicts{}, err
	}
	return Verdicts{Kstatus: Verdict{Status: computed.Status.String(), Message: computed.Message}, ArgoCD: health}, nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
