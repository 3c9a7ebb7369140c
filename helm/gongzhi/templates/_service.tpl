{{/* The pod of a service: dict "root" $ "part" "dispatch" "spec" its values. */}}

{{/* The server answers only after it has reached database and bus, so starting is watched by the start-up probe alone. Live asks the server, and nothing that
     a restart could not mend; ready asks for the service, which serves while its database answers. */}}
{{- define "gongzhi.probes.grpc" -}}
startupProbe:
  grpc: {port: 50051}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  grpc: {port: 50051}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  grpc: {port: 50051, service: gongzhi.{{ .part }}.v1.{{ first .spec.grpc }}}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{/* The portal tells only of itself: a service that does not answer is told to whoever calls it, and the other pages work. */}}
{{- define "gongzhi.probes.http" -}}
startupProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /healthz, port: http}
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 2
{{- end }}

{{- define "gongzhi.container" -}}
name: {{ .part }}
image: {{ include "gongzhi.image" (dict "root" .root "image" .root.Values.image) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [serve, {{ .part }}]
env:
  {{- include "gongzhi.settings" . | trim | nindent 2 }}
ports:
  {{- if eq .part "portal" }}
  - {name: http, containerPort: 8080}
  {{- else }}
  - {name: grpc, containerPort: 50051}
  {{- end }}
{{ if eq .part "portal" }}{{ include "gongzhi.probes.http" . }}{{ else }}{{ include "gongzhi.probes.grpc" . }}{{ end }}
lifecycle:
  # The program takes no new calls from the moment at which it is told to end; this is the time in which everybody learns to call another pod.
  preStop: {sleep: {seconds: {{ .spec.drainSeconds }}}}
resources:
  {{- toYaml .spec.resources | nindent 2 }}
securityContext:
  {{- include "gongzhi.container_security" . | nindent 2 }}
{{- end }}

{{/* Pods of one version are spread over zones and nodes; those of the version before do not count. */}}
{{- define "gongzhi.spread" -}}
{{- $selector := include "gongzhi.selector" . -}}
{{- range $key, $rule := dict "kubernetes.io/hostname" .spec.spread.nodes "topology.kubernetes.io/zone" .spec.spread.zones }}
{{- if $rule }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $rule }}
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- $selector | nindent 6 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "gongzhi.pod_template" -}}
metadata:
  labels:
    {{- include "gongzhi.selector" . | nindent 4 }}
  {{- with .spec.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- include "gongzhi.pod" . | nindent 2 }}
  # What the pod waits, what calls in flight may take (10 s), what runs beside (10 s), and a little.
  terminationGracePeriodSeconds: {{ add .spec.drainSeconds 25 }}
  {{- with include "gongzhi.spread" . | trim }}
  topologySpreadConstraints:
    {{- . | nindent 4 }}
  {{- end }}
  {{- with .spec.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .spec.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - {{ include "gongzhi.container" . | nindent 6 | trim }}
{{- end }}

{{/* Where a service answers. h2c: gRPC without TLS, which a gateway must be told. */}}
{{- define "gongzhi.service_port" -}}
{{- if eq . "portal" -}}
- {name: http, port: 80, targetPort: http, appProtocol: http}
{{- else -}}
- {name: grpc, port: 50051, targetPort: grpc, appProtocol: kubernetes.io/h2c}
{{- end -}}
{{- end }}
