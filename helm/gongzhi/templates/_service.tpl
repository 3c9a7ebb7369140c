{{/* The pod of a service: dict "root" $ "part" "dispatch" "spec" its values. */}}

{{/* Asked at a port of its own, without TLS. A process starts to answer there when it has reached database and bus; it is ready while its database answers, and
     exchange while the bus does, too. Live asks nothing that a restart could not mend. dict "seconds" that starting may take. */}}
{{- define "gongzhi.probes" -}}
startupProbe:
  grpc: {port: 9464, service: gongzhi.ready}
  periodSeconds: 2
  timeoutSeconds: 3
  failureThreshold: {{ div .seconds 2 }}
livenessProbe:
  grpc: {port: 9464}
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
readinessProbe:
  grpc: {port: 9464, service: gongzhi.ready}
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
  - {name: operations, containerPort: 9464}
{{ include "gongzhi.probes" (dict "seconds" 120) }}
lifecycle:
  # The program takes no new calls from the moment at which it is told to end; this is the time in which everybody learns to call another pod.
  preStop: {sleep: {seconds: {{ .spec.drainSeconds }}}}
resources:
  {{- toYaml .spec.resources | nindent 2 }}
securityContext:
  {{- include "gongzhi.container_security" . | nindent 2 }}
{{- with include "gongzhi.mounts" . | trim }}
volumeMounts:
  {{- . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Pods of one version are spread over zones and nodes; those of the version before do not count. */}}
{{- define "gongzhi.spread" -}}
{{- $selector := include "gongzhi.selector" . -}}
{{- range $key, $rule := dict "kubernetes.io/hostname" .spec.spread.nodes "topology.kubernetes.io/zone" .spec.spread.zones }}
{{- if $rule }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: {{ $rule }}
  # A node that takes none of these pods, a control plane for example, is none that stays empty.
  nodeTaintsPolicy: Honor
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
    {{- include "gongzhi.pod_labels" . | nindent 4 }}
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
  containers:
    - {{ include "gongzhi.container" . | nindent 6 | trim }}
  {{- with include "gongzhi.volumes" . | trim }}
  volumes:
    {{- . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Where a service answers: dict "root" $ "part" "dispatch". h2c: gRPC without TLS, which a gateway must be told. */}}
{{- define "gongzhi.service_port" -}}
{{- if eq .part "portal" -}}
- {name: http, port: 80, targetPort: http, appProtocol: http}
{{- else -}}
- {name: grpc, port: 50051, targetPort: grpc, appProtocol: {{ ternary "https" "kubernetes.io/h2c" .root.Values.tls.enabled }}}
{{- end -}}
{{- end }}
