// Answers, for each line of standard input, what github.com/robfig/cron/v3 and Go's time zones make of it: the words that a
// CronJob's controller goes by. A line is a JSON object, and so is each answer.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

type question struct {
	// With "zones": where in [From, To] the offset of Zone changes. Else: the times of Schedule in Zone after From.
	Ask      string `json:"ask"`
	Schedule string `json:"schedule"`
	Zone     string `json:"zone"`
	// Seconds since the epoch.
	From  int64 `json:"from"`
	To    int64 `json:"to"`
	Count int   `json:"count"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// Seconds since the epoch; fewer than asked for where there are no more within five years.
	Times []int64 `json:"times,omitempty"`
	// Pairs of an instant and the offset from it on, in seconds.
	Spans [][2]int64 `json:"spans,omitempty"`
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(make([]byte, 1<<20), 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for scanner.Scan() {
		var asked question
		if err := json.Unmarshal(scanner.Bytes(), &asked); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		reply, err := answerTo(asked)
		if err != nil {
			reply = answer{Error: err.Error()}
		}
		if err := encoder.Encode(reply); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
}

func answerTo(asked question) (answer, error) {
	location, err := time.LoadLocation(asked.Zone)
	if err != nil {
		return answer{}, err
	}
	if asked.Ask == "zones" {
		return answer{Spans: spans(location, asked.From, asked.To)}, nil
	}
	// As validation of a CronJob has it: a zone in the schedule is refused (and one without a space after it makes the parser panic).
	if strings.Contains(asked.Schedule, "TZ") {
		return answer{}, fmt.Errorf("cannot use TZ or CRON_TZ in schedule, use timeZone field instead")
	}
	// The schedule alone, because "TZ=... " before it trims it: with an empty one nothing would be left.
	if _, err := cron.ParseStandard(asked.Schedule); err != nil {
		return answer{}, err
	}
	// As the controller has it.
	schedule, err := cron.ParseStandard(fmt.Sprintf("TZ=%s %s", asked.Zone, asked.Schedule))
	if err != nil {
		return answer{}, err
	}
	reply := answer{}
	at := time.Unix(asked.From, 0).UTC()
	for range asked.Count {
		at = schedule.Next(at)
		if at.IsZero() {
			break
		}
		reply.Times = append(reply.Times, at.Unix())
	}
	return reply, nil
}

func spans(location *time.Location, from, to int64) [][2]int64 {
	var found [][2]int64
	for at := from; at < to; {
		moment := time.Unix(at, 0).In(location)
		_, offset := moment.Zone()
		if len(found) == 0 || found[len(found)-1][1] != int64(offset) {
			found = append(found, [2]int64{at, int64(offset)})
		}
		_, end := moment.ZoneBounds()
		if end.IsZero() {
			break
		}
		// On the last day of a leap year Go gives that very instant as the end (seen with 1.26.8 and 2040-12-31): look a day later.
		at = max(end.Unix(), at+1)
		if end.Unix() < at {
			at += 86_400
		}
	}
	return found
}
