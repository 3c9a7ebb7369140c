{{/* Rules of NetworkPolicies, made of the table `network.talks`. */}}

{{/* Names of the parts that run, as a JSON list. */}}
{{- define "gongzhi.parts" -}}
{{- $parts := list -}}
{{- if .Values.embedded }}
{{- $parts = append $parts "trial" }}
{{- else }}
{{- range $part, $service := .Values.services }}
{{- if $service.enabled }}{{ $parts = append $parts $part }}{{ end }}
{{- end }}
{{- range $part, $is_on := dict "operator" .Values.operator.enabled "account" (or .Values.firstAccount.enabled (and .Values.operator.enabled .Values.operator.makeAccount)) "backup" .Values.backup.enabled "check" .Values.check.enabled }}
{{- if $is_on }}{{ $parts = append $parts $part }}{{ end }}
{{- end }}
{{- end }}
{{- toJson $parts -}}
{{- end }}

{{/* True for what is outside and in use: list $ name */}}
{{- define "gongzhi.is_used" -}}
{{- $values := (index . 0).Values -}}
{{- $used := dict "issuer" $values.identity.jwksUrl "collector" $values.telemetry.otlpEndpoint "store" $values.s3.bucket -}}
{{- if or (not (hasKey $used (index . 1))) (get $used (index . 1)) }}true{{ end -}}
{{- end }}

{{/* What a part may call: dict "root" $ "part" "dispatch". */}}
{{- define "gongzhi.egress" -}}
{{- $network := .root.Values.network -}}
{{- $root := .root -}}
- to:
    {{- toYaml $network.dns.to | nindent 4 }}
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- range get $network.talks .part }}
{{- $outside := get $network.outside . }}
{{- if not $outside }}
{{- if has . (include "gongzhi.parts" $root | fromJsonArray) }}
# {{ . }}
- to:
    - podSelector:
        matchLabels:
          {{- include "gongzhi.selector" (dict "root" $root "part" .) | nindent 10 }}
  ports: [{protocol: TCP, port: 50051}]
{{- end }}
{{- else if include "gongzhi.is_used" (list $root .) }}
# {{ . }}
- ports:
    {{- range $outside.ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with $outside.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* An entrance from outside of the release: dict "port" 8080 "from" list */}}
{{- define "gongzhi.entrance" -}}
- ports: [{protocol: TCP, port: {{ .port }}}]
  {{- with .from }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{/* Who may call a part: dict "root" $ "part" "dispatch". */}}
{{- define "gongzhi.ingress" -}}
{{- $root := .root -}}
{{- $part := .part -}}
{{- $entrances := .root.Values.network.entrances -}}
{{- range $caller := include "gongzhi.parts" $root | fromJsonArray }}
{{- if has $part (get $root.Values.network.talks $caller) }}
- from:
    - podSelector:
        matchLabels:
          {{- include "gongzhi.selector" (dict "root" $root "part" $caller) | nindent 10 }}
  ports: [{protocol: TCP, port: 50051}]
{{- end }}
{{- end }}
{{- if and $entrances.portal.enabled (has $part (list "portal" "trial")) }}
{{ include "gongzhi.entrance" (dict "port" 8080 "from" $entrances.portal.from) }}
{{- end }}
{{- if and $entrances.grpc.enabled (or (eq $part "trial") (has $part $root.Values.grpcServices)) }}
{{ include "gongzhi.entrance" (dict "port" 50051 "from" $entrances.grpc.from) }}
{{- end }}
{{- if and $entrances.operations.enabled (or (hasKey $root.Values.services $part) (has $part (list "trial" "operator"))) }}
{{ include "gongzhi.entrance" (dict "port" 9464 "from" $entrances.operations.from) }}
{{- end }}
{{- end }}
