{{- define "chatdouble.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "chatdouble.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "chatdouble.labels" -}}
{{ include "chatdouble.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "chatdouble.state" -}}
{{- if .Values.redis.enabled -}}
redis://{{ include "chatdouble.name" . }}-redis:6379/0
{{- end -}}
{{- end -}}

{{- define "chatdouble.check" -}}
{{- $several := or .Values.autoscaling.enabled (gt (int .Values.replicas) 1) -}}
{{- $shared := or .Values.redis.enabled .Values.secret (hasKey .Values.settings "CHATDOUBLE_STATE") -}}
{{- if and $several (not $shared) -}}
{{- fail "Several pods need a shared state: set redis.enabled, settings.CHATDOUBLE_STATE, or a secret with CHATDOUBLE_STATE." -}}
{{- end -}}
{{- end -}}
