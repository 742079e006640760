#!/usr/bin/env bash
# Two kinds of starts that a CronJob loses without a trace. Kubernetes v1.36.3: its own CronJob controller (k8s.io/kubernetes
# pkg/controller/cronjob), run over client-go's fake API server.
#
# 1. `schedule: "@every 1h"` with `startingDeadlineSeconds: 60` never starts anything. @every counts from the last start, but the controller
#    first moves that to "now - deadline", and an hour after that has never come. Any @every longer than the deadline is concerned.
# 2. Times at uneven distances: of `M,M+1 * * * *`, found twenty minutes later and without a deadline, neither is made up; of `M * * * *`
#    found as late the last one is. The controller looks for the last missed time by the distance of the first two. `*/30 2-4 * * *`
#    that a control plane misses between 2 and 5 o'clock is lost for that night.
#
# The documentation has it that a start that was missed is made up unless startingDeadlineSeconds has passed
# (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-delay-limits), and a reader expects both.
#
# Output, v1.36.3:
#   @every 1h, created 3h ago, no deadline:             1 Jobs
#   @every 1h, created 3h ago, deadline 60 s:           0 Jobs
#   one time an hour, missed 20 min ago:                1 Jobs
#   two times an hour, a minute apart, missed as long:  0 Jobs
#
# Needs Go 1.26; builds for some minutes the first time. Exits with 1 where any of it changes.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The pinned modules of that Kubernetes, without the tools.
sed -e '/^tool (/,/^)/d' -e '/^tool /d' "$here/../test/cluster/build/kubernetes/go.mod" > "$work/go.mod"
cp "$here/../test/cluster/build/kubernetes/go.sum" "$work/go.sum"

cat > "$work/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/cronjob"
)

func ago(d time.Duration) metav1.Time { return metav1.NewTime(time.Now().Add(-d)) }

func cronJob(schedule string, created metav1.Time, deadline *int64) *batchv1.CronJob {
	return &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Name: "tick", Namespace: "default", UID: "uid", CreationTimestamp: created},
		Spec: batchv1.CronJobSpec{
			Schedule:                schedule,
			StartingDeadlineSeconds: deadline,
			ConcurrencyPolicy:       batchv1.AllowConcurrent,
			JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{
				Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "none"}}},
			}}},
		},
	}
}

// starts runs the controller for a few seconds, and gives how many Jobs of the CronJob there are then.
func starts(cj *batchv1.CronJob) int {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	ctx = klog.NewContext(ctx, klog.Background())
	client := fake.NewClientset(cj)
	factory := informers.NewSharedInformerFactory(client, 0)
	controller, err := cronjob.NewControllerV2(ctx, factory.Batch().V1().Jobs(), factory.Batch().V1().CronJobs(), client)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	factory.Start(ctx.Done())
	go controller.Run(ctx, 1)
	<-ctx.Done()
	jobs, _ := client.BatchV1().Jobs("default").List(context.Background(), metav1.ListOptions{})
	return len(jobs.Items)
}

func main() {
	klog.SetOutput(os.Stderr)
	failed := false
	check := func(what string, want int, got int) {
		fmt.Printf("%-52s%d Jobs\n", what+":", got)
		if got != want {
			failed = true
		}
	}
	deadline := int64(60)
	got := starts(cronJob("@every 1h", ago(3*time.Hour), nil))
	check("@every 1h, created 3h ago, no deadline", 1, got)
	got = starts(cronJob("@every 1h", ago(3*time.Hour), &deadline))
	check("@every 1h, created 3h ago, deadline 60 s", 0, got)

	missed := time.Now().UTC().Add(-20 * time.Minute)
	if missed.Minute() == 59 {
		missed = missed.Add(-time.Minute)
	}
	created := metav1.NewTime(missed.Add(-10 * time.Minute))
	time.Local = time.UTC
	got = starts(cronJob(fmt.Sprintf("%d * * * *", missed.Minute()), created, nil))
	check("one time an hour, missed 20 min ago", 1, got)
	got = starts(cronJob(fmt.Sprintf("%d,%d * * * *", missed.Minute(), missed.Minute()+1), created, nil))
	check("two times an hour, a minute apart, missed as long", 0, got)
	if failed {
		os.Exit(1)
	}
}
GO
cd "$work"
CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod nice -n 19 go build -trimpath -o finding . 2> >(grep -v '^go: ' >&2)
./finding 2>/dev/null
