{{/* First part of the names of all objects. */}}
{{- define "copepod.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains "copepod" .Release.Name -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-copepod" (.Release.Name | trunc 32 | trimSuffix "-") }}
{{- end -}}
{{- end -}}

{{/* URLs of the gateway: that of its clients, and its Service where that is not the one that the programs assume. */}}
{{- define "copepod.gatewayURLs" -}}
{{- with .Values.gateway }}
{{- if .enabled }}
{{- $port := int .service.port }}
{{- $service := printf "http://%s-gateway.%s.svc%s" (include "copepod.fullname" $) $.Release.Namespace (ternary "" (printf ":%d" $port) (eq $port 80)) }}
{{- $isAssumed := and (eq (include "copepod.fullname" $) "copepod") (eq $port 80) }}
{{- join "," (compact (list .url (ternary "" $service $isAssumed))) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Labels that select pods. NetworkPolicies of runtimes name them too, so they are the same in every release. */}}
{{- define "copepod.selectorLabels" -}}
app.kubernetes.io/name: copepod
app.kubernetes.io/component: {{ . }}
{{- end -}}

{{/* Labels by which the release is known. */}}
{{- define "copepod.releaseLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of an object. Call with (list $ COMPONENT). */}}
{{- define "copepod.labels" -}}
{{ include "copepod.selectorLabels" (index . 1) }}
{{ include "copepod.releaseLabels" (index . 0) }}
{{- end -}}

{{- define "copepod.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* Where a component's pods run. Call with the component's values. */}}
{{- define "copepod.scheduling" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* Pods of a component are spread over nodes. Call with COMPONENT. */}}
{{- define "copepod.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "copepod.selectorLabels" . | nindent 8 }}
{{- end -}}

{{- define "copepod.podSecurityContext" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
{{- end -}}

{{- define "copepod.containerSecurityContext" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end -}}

{{/* Namespaces whose scrapers may read metrics. */}}
{{- define "copepod.scraperPeer" -}}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ concat (list .Release.Namespace) .Values.scraperNamespaces | uniq | toJson }}
podSelector:
  matchLabels:
    copepod.dev/scraper: "true"
{{- end -}}

{{/*
A role and its binding to a component's ServiceAccount. Call with a dict: root, kind (Role or ClusterRole), name, component,
account, rules (text), and namespace for a Role.
*/}}
{{- define "copepod.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "copepod.labels" (list .root .component) | nindent 4 }}
rules:
  {{- .rules | trim | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ .kind }}Binding
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "copepod.labels" (list .root .component) | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ .kind }}
  name: {{ .name }}
subjects:
  - kind: ServiceAccount
    name: {{ .account }}
    namespace: {{ .root.Release.Namespace }}
{{- end -}}

{{/* Variables of OpenTelemetry, of operator and gateway. */}}
{{- define "copepod.tracingEnv" -}}
{{- with .Values.tracing }}
{{- if .endpoint -}}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .endpoint | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ .protocol }}
- name: OTEL_TRACES_SAMPLER
  value: {{ .sampler }}
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .samplerRatio | quote }}
{{- with .headersSecret }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom:
    secretKeyRef:
      name: {{ . }}
      key: headers
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
