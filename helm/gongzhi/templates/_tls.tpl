{{/* Certificates: who has one, which files it is, and where other files lie that pods are given. */}}

{{/* True for a part that has a certificate: the services, the trial, and those that only call. */}}
{{- define "gongzhi.has_certificate" -}}
{{- if and .root.Values.tls.enabled (or (hasKey .root.Values.services .part) (has .part (list "trial" "operator" "check"))) }}true{{ end -}}
{{- end }}

{{/* True for a part that calls a NATS of others whose authority it must be told. */}}
{{- define "gongzhi.has_nats_authority" -}}
{{- if and .root.Values.secrets.natsAuthority.name (not .root.Values.embedded) (or (hasKey .root.Values.services .part) (has .part (list "check" "backup"))) }}true{{ end -}}
{{- end }}

{{/* Secret with the certificate of a part. */}}
{{- define "gongzhi.certificate" -}}
{{- if .root.Values.tls.secretName -}}
{{ .root.Values.tls.secretName | replace "{part}" .part }}
{{- else -}}
{{ include "gongzhi.name" . }}-tls
{{- end -}}
{{- end }}

{{/* Names by which a part is called, each as short and as long as clients in the cluster write them; copies for further districts have their own. */}}
{{- define "gongzhi.dns_names" -}}
{{- $root := .root -}}
{{- $part := .part -}}
{{- $of := list (include "gongzhi.fullname" .root) -}}
{{- if ne .part "trial" }}
{{- range .root.Values.tls.districts }}{{ $of = append $of (printf "%s-%s" $root.Release.Name .) }}{{ end }}
{{- end }}
{{- range $of }}
{{- $names := list (printf "%s-%s" . $part) }}
{{- if (index $root.Values.services $part | default dict).headless }}{{ $names = append $names (printf "%s-%s-pods" . $part) }}{{ end }}
{{- range $names }}
- {{ . }}
- {{ . }}.{{ $root.Release.Namespace }}
- {{ . }}.{{ $root.Release.Namespace }}.svc
{{- end }}
{{- end }}
{{- if has .part (list "portal" "trial") }}
# The portal calls what runs in one process with it under this name.
- localhost
{{- end }}
{{- end }}

{{/* Settings of TLS. A part that serves asks callers for a certificate where they must have one. */}}
{{- define "gongzhi.settings.tls" -}}
{{- if include "gongzhi.has_certificate" . }}
- {name: GONGZHI_TLS_CERTIFICATE, value: /etc/gongzhi/tls/tls.crt}
- {name: GONGZHI_TLS_KEY, value: /etc/gongzhi/tls/tls.key}
- {name: GONGZHI_TLS_AUTHORITY, value: /etc/gongzhi/tls/ca.crt}
{{- if and (eq .root.Values.tls.clients "required") (not (has .part (list "operator" "check"))) }}
- {name: GONGZHI_TLS_CLIENT_AUTHORITY, value: /etc/gongzhi/tls/ca.crt}
{{- end }}
{{- end }}
{{- end }}

{{- define "gongzhi.settings.nats_authority" -}}
{{- if include "gongzhi.has_nats_authority" . }}
- {name: GONGZHI_NATS_AUTHORITY, value: /etc/gongzhi/nats/ca.crt}
{{- end }}
{{- end }}

{{/* Where a container finds the files. */}}
{{- define "gongzhi.mounts" -}}
{{- if include "gongzhi.has_certificate" . }}
- {name: tls, mountPath: /etc/gongzhi/tls, readOnly: true}
{{- end }}
{{- if include "gongzhi.has_nats_authority" . }}
- {name: nats-authority, mountPath: /etc/gongzhi/nats, readOnly: true}
{{- end }}
{{- end }}

{{- define "gongzhi.volumes" -}}
{{- if include "gongzhi.has_certificate" . }}
{{- with .root.Values.tls.authority }}
{{- if .name }}
- name: tls
  projected:
    sources:
      - secret: {name: {{ include "gongzhi.certificate" $ }}, items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]}
      - secret: {name: {{ .name }}, items: [{key: {{ .key }}, path: ca.crt}]}
{{- else }}
- {name: tls, secret: {secretName: {{ include "gongzhi.certificate" $ }}}}
{{- end }}
{{- end }}
{{- end }}
{{- if include "gongzhi.has_nats_authority" . }}
{{- with .root.Values.secrets.natsAuthority }}
- {name: nats-authority, secret: {secretName: {{ .name }}, items: [{key: {{ .key }}, path: ca.crt}]}}
{{- end }}
{{- end }}
{{- end }}
