{{/* Names, labels and the one image. Knows nothing of any service. */}}

{{- define "gongzhi.fullname" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* Name of a part: dict "root" $ "part" "dispatch". */}}
{{- define "gongzhi.name" -}}
{{ include "gongzhi.fullname" .root }}-{{ .part }}
{{- end }}

{{/* What a part is found by; never changes while the release lives. */}}
{{- define "gongzhi.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "gongzhi.labels" -}}
{{ include "gongzhi.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* name and metadata of an object: dict "root" $ "part" "dispatch", and "behind" what stands behind the name of the part. */}}
{{- define "gongzhi.metadata" -}}
name: {{ include "gongzhi.name" . }}{{ .behind }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "gongzhi.labels" . | nindent 2 }}
{{- end }}

{{/* Labels of a pod. A copy for a further district has another instance and is still part of this release: Prometheus finds both by it. */}}
{{- define "gongzhi.pod_labels" -}}
{{ include "gongzhi.selector" . }}
app.kubernetes.io/part-of: {{ .root.Release.Name }}
{{- end }}

{{/* dict "root" $ "image" .Values.image */}}
{{- define "gongzhi.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* What PodSecurity `restricted` wants of a pod. */}}
{{- define "gongzhi.pod_security" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* And of a container. */}}
{{- define "gongzhi.container_security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The first lines of every pod's spec: dict "root" $ "part" "dispatch", "spec" where the part has values of its own, "volume" true where it writes to one, "token" true where
     it calls the Kubernetes API. Where pods may run holds of hooks, too: an image may be on some nodes only. */}}
{{- define "gongzhi.pod" -}}
serviceAccountName: {{ include "gongzhi.name" . }}
{{- if .token }}
automountServiceAccountToken: true
{{- else }}
# Nothing here calls the Kubernetes API.
automountServiceAccountToken: false
{{- end }}
enableServiceLinks: false
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- include "gongzhi.pod_security" . | nindent 2 }}
  {{- if .volume }}
  fsGroup: 65532
  # Rights are set once, however much lies there; and PostgreSQL refuses a folder that others may read.
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
{{- $where := .spec | default .root.Values.defaults }}
{{- with $where.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $where.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* When a Job is given up: wrong settings (2) at once, and a pod that its node put out is not counted. Name of the container. */}}
{{- define "gongzhi.pod_failure_policy" -}}
podFailurePolicy:
  rules:
    - action: Ignore
      onPodConditions: [{type: DisruptionTarget, status: "True"}]
    - action: FailJob
      onExitCodes: {containerName: {{ . }}, operator: In, values: [2]}
{{- end }}

{{/* A service's values over the defaults, as YAML: dict "root" $ "part" "dispatch". */}}
{{- define "gongzhi.spec" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (index .root.Values.services .part)) | toYaml -}}
{{- end }}
