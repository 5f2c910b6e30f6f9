#pragma once

// The defaults of SRS, written out from the tables of the compatibility notes and not from our schema: path, type,
// default
// ("-": none), and the variable where it is not the one by rule. Types: B- is on only if "on", B+ unless "off"; I
// integer, F number, s and ms times, b bytes, S text, L words, E endpoints, C one of a choice.
namespace weir::test {

inline constexpr const char* spec_server = R"(
rtmp.listen E - SRS_LISTEN
rtmp.chunk_size I 60000 SRS_VHOST_CHUNK_SIZE
server_id S -
pid S ./objs/srs.pid
ff_log_dir S ./objs
ff_log_level S info
srs_log_tank C file SRS_SRS_LOG_TANK
srs_log_tank C file SRS_LOG_TANK
srs_log_level C trace SRS_SRS_LOG_LEVEL
srs_log_level C trace SRS_LOG_LEVEL
srs_log_level_v2 C - SRS_SRS_LOG_LEVEL_V2
srs_log_level_v2 C - SRS_LOG_LEVEL_V2
srs_log_file S ./objs/srs.log SRS_SRS_LOG_FILE
srs_log_file S ./objs/srs.log SRS_LOG_FILE
max_connections I 1000
daemon B+ on
utc_time B- off
pithy_print_ms ms 10000
work_dir S ./
asprocess B- off
empty_ip_ok B+ on
in_docker B- off
grace_start_wait ms 2300
grace_final_wait ms 3200
force_grace_quit B- off
disable_daemon_for_docker B+ on
inotify_auto_reload B- off
auto_reload_for_docker B+ on
tcmalloc_release_rate F 0.8
query_latest_version B- off
first_wait_for_qlv s 300
circuit_breaker.enabled B+ on
circuit_breaker.high_threshold I 90
circuit_breaker.high_pulse I 2
circuit_breaker.critical_threshold I 95
circuit_breaker.critical_pulse I 1
circuit_breaker.dying_threshold I 99
circuit_breaker.dying_pulse I 5
heartbeat.enabled B- off
heartbeat.interval s 10
heartbeat.url S http://127.0.0.1:8085/api/v1/servers
heartbeat.device_id S -
heartbeat.device_ip S - SRS_DEVICE_IP
heartbeat.summaries B- off
heartbeat.ports B- off
stats.enabled B+ on
stats.network I 0
stats.disk L -
http_api.enabled B- off
http_api.listen E 1985
http_api.crossdomain B+ on
http_api.raw_api.enabled B- off SRS_HTTP_API_RAW_API_ENABLED
http_api.raw_api.allow_reload B- off
http_api.auth.enabled B- off
http_api.auth.username S -
http_api.auth.password S -
http_api.https.enabled B- off
http_api.https.listen E 1990
http_api.https.key S ./conf/server.key
http_api.https.cert S ./conf/server.crt
http_server.enabled B- off
http_server.listen E 8080
http_server.dir S ./objs/nginx/html
http_server.crossdomain B+ on
http_server.https.enabled B- off
http_server.https.listen E 8088
http_server.https.key S ./conf/server.key
http_server.https.cert S ./conf/server.crt
srt_server.enabled B- off
srt_server.listen E 10080
srt_server.maxbw I -1
srt_server.mss I 1500
srt_server.connect_timeout ms 3000
srt_server.peer_idle_timeout ms 10000
srt_server.default_app S live
srt_server.default_streamid S #!::r=live/livestream,m=request
srt_server.default_mode C request
srt_server.peerlatency ms 0
srt_server.recvlatency ms 120
srt_server.latency ms 120
srt_server.tsbpdmode B+ on
srt_server.tlpktdrop B+ on
srt_server.sendbuf b 12058624
srt_server.recvbuf b 12058624
srt_server.payloadsize I 1316
srt_server.passphrase S -
srt_server.pbkeylen C 0
rtc_server.enabled B- off
rtc_server.listen E 8000
rtc_server.tcp.enabled B- off
rtc_server.tcp.listen E 8000
rtc_server.protocol C udp
rtc_server.candidate S *
rtc_server.use_auto_detect_network_ip B+ on
rtc_server.ip_family C ipv4
rtc_server.api_as_candidates B+ on
rtc_server.resolve_api_domain B+ on
rtc_server.keep_api_domain B- off
rtc_server.ecdsa B+ on
rtc_server.encrypt B+ on
rtc_server.reuseport I 1
rtc_server.merge_nalus B- off
rtc_server.black_hole.enabled B- off
rtc_server.black_hole.addr S -
rtmps.enabled B- off
rtmps.listen E -
rtmps.key S ./conf/server.key
rtmps.cert S ./conf/server.crt
rtsp_server.enabled B- off
rtsp_server.listen E 554
stream_caster.enabled B- off
stream_caster.caster C -
stream_caster.output S -
stream_caster.listen E -
stream_caster.sip.enabled B+ on
stream_caster.sip.listen E 5060
stream_caster.sip.timeout s 60
stream_caster.sip.reinvite s 5
stream_caster.sip.candidate S *
exporter.enabled B- off
exporter.listen E 9972
exporter.label S -
exporter.tag S -
)";

inline constexpr const char* spec_vhost = R"(
vhost.enabled B+ on
vhost.min_latency B- off
vhost.tcp_nodelay B- off
vhost.chunk_size I - SRS_VHOST_CHUNK_SIZE
vhost.in_ack_size I 0
vhost.out_ack_size I 2500000
vhost.play.gop_cache B+ on
vhost.play.gop_cache_max_frames I 2500
vhost.play.queue_length s 30
vhost.play.time_jitter C full
vhost.play.atc B- off
vhost.play.atc_auto B- off
vhost.play.mix_correct B- off
vhost.play.mw_latency ms 350
vhost.play.mw_msgs I 8
vhost.play.send_min_interval ms 0
vhost.play.reduce_sequence_header B- off
vhost.publish.mr B- off
vhost.publish.mr_latency ms 350
vhost.publish.firstpkt_timeout ms 20000
vhost.publish.normal_timeout ms 5000
vhost.publish.parse_sps B+ on
vhost.publish.try_annexb_first B+ on
vhost.publish.kickoff_for_idle s 0
vhost.refer.enabled B- off
vhost.refer.all L -
vhost.refer.play L -
vhost.refer.publish L -
vhost.security.enabled B- off
vhost.exec.enabled B- off
vhost.cluster.mode C local
vhost.cluster.origin L -
vhost.cluster.token_traverse B- off
vhost.cluster.vhost S [vhost]
vhost.cluster.debug_srs_upnode B+ on
vhost.cluster.origin_cluster B- off
vhost.cluster.coworkers L -
vhost.cluster.protocol C rtmp
vhost.cluster.follow_client B- off
vhost.forward.enabled B- off
vhost.forward.destination L -
vhost.forward.backend S -
vhost.http_hooks.enabled B- off
vhost.http_hooks.on_connect L -
vhost.http_hooks.on_close L -
vhost.http_hooks.on_publish L -
vhost.http_hooks.on_unpublish L -
vhost.http_hooks.on_play L -
vhost.http_hooks.on_stop L -
vhost.http_hooks.on_dvr L -
vhost.http_hooks.on_hls L -
vhost.http_hooks.on_hls_notify L -
vhost.http_static.enabled B- off
vhost.http_static.mount S [vhost]/
vhost.http_static.dir S ./objs/nginx/html
vhost.http_remux.enabled B- off
vhost.http_remux.mount S [vhost]/[app]/[stream].flv
vhost.http_remux.fast_cache s 0
vhost.http_remux.drop_if_not_match B+ on
vhost.http_remux.has_audio B+ on
vhost.http_remux.has_video B+ on
vhost.http_remux.guess_has_av B+ on
vhost.srt.enabled B- off
vhost.srt.srt_to_rtmp B+ on SRS_VHOST_SRT_SRT_TO_RTMP
vhost.srt.srt_to_rtmp B+ on SRS_VHOST_SRT_TO_RTMP
vhost.rtsp.enabled B- off
vhost.rtsp.rtmp_to_rtsp B+ on
vhost.rtc.enabled B- off
vhost.rtc.nack B+ on
vhost.rtc.nack_no_copy B+ on
vhost.rtc.twcc B+ on
vhost.rtc.stun_timeout s 30
vhost.rtc.stun_strict_check B- off
vhost.rtc.dtls_role C passive
vhost.rtc.dtls_version C auto
vhost.rtc.drop_for_pt I 0
vhost.rtc.rtmp_to_rtc B- off
vhost.rtc.keep_bframe B- off
vhost.rtc.keep_avc_nalu_sei B+ on
vhost.rtc.opus_bitrate I 48000
vhost.rtc.rtc_to_rtmp B- off SRS_VHOST_RTC_RTC_TO_RTMP
vhost.rtc.pli_for_rtmp s 6
vhost.rtc.aac_bitrate I 48000
vhost.rtc.init_rate_from_sdp B- off
)";

inline constexpr const char* spec_segments = R"(
vhost.hls.enabled B- off
vhost.hls.hls_fragment s 10 SRS_VHOST_HLS_HLS_FRAGMENT
vhost.hls.hls_td_ratio F 1.0
vhost.hls.hls_aof_ratio F 2.1
vhost.hls.hls_window s 60
vhost.hls.hls_on_error C continue
vhost.hls.hls_path S ./objs/nginx/html
vhost.hls.hls_m3u8_file S [app]/[stream].m3u8
vhost.hls.hls_ts_file S [app]/[stream]-[seq].ts
vhost.hls.hls_ts_floor B- off
vhost.hls.hls_entry_prefix S -
vhost.hls.hls_acodec C aac
vhost.hls.hls_vcodec C h264
vhost.hls.hls_cleanup B+ on
vhost.hls.hls_dispose s 120
vhost.hls.hls_nb_notify b 64
vhost.hls.hls_wait_keyframe B+ on
vhost.hls.hls_ctx B+ on
vhost.hls.hls_ts_ctx B+ on
vhost.hls.hls_keys B+ off
vhost.hls.hls_fragments_per_key I 5
vhost.hls.hls_key_file S [app]/[stream]-[seq].key
vhost.hls.hls_key_file_path S -
vhost.hls.hls_key_url S -
vhost.hls.hls_dts_directly B+ on
vhost.hls.hls_use_fmp4 B- off SRS_VHOST_HLS_HLS_USE_FMP4
vhost.hls.hls_fmp4_file S [app]/[stream]-[seq].m4s
vhost.hls.hls_init_file S [app]/[stream]/init.mp4
vhost.hls.hls_recover B+ on
vhost.hls.hls_master_m3u8_path_relative B- off
vhost.dash.enabled B- off
vhost.dash.dash_fragment s 10
vhost.dash.dash_update_period s 5
vhost.dash.dash_timeshift s 300
vhost.dash.dash_path S ./objs/nginx/html
vhost.dash.dash_mpd_file S [app]/[stream].mpd
vhost.dash.dash_window_size I 5
vhost.dash.dash_cleanup B+ on
vhost.dash.dash_dispose s 120
vhost.hds.enabled B- off
vhost.hds.hds_fragment s 10
vhost.hds.hds_window s 60
vhost.hds.hds_path S ./objs/nginx/html
vhost.dvr.enabled B- off
vhost.dvr.dvr_apply L all
vhost.dvr.dvr_plan C session
vhost.dvr.dvr_path S ./objs/nginx/html/[app]/[stream].[timestamp].flv
vhost.dvr.dvr_duration s 30
vhost.dvr.dvr_wait_keyframe B+ on
vhost.dvr.time_jitter C full
vhost.transcode.enabled B- off
vhost.transcode.ffmpeg S -
vhost.transcode.engine.enabled B- off
vhost.transcode.engine.iformat S flv
vhost.transcode.engine.vcodec S -
vhost.transcode.engine.vbitrate I 0
vhost.transcode.engine.vfps F 0
vhost.transcode.engine.vwidth I 0
vhost.transcode.engine.vheight I 0
vhost.transcode.engine.vthreads I 1
vhost.transcode.engine.vprofile S -
vhost.transcode.engine.vpreset S -
vhost.transcode.engine.acodec S -
vhost.transcode.engine.abitrate I 0
vhost.transcode.engine.asample_rate I 0
vhost.transcode.engine.achannels I 0
vhost.transcode.engine.oformat S flv
vhost.transcode.engine.output S -
vhost.ingest.enabled B- off
vhost.ingest.input.type C file
vhost.ingest.input.url S -
vhost.ingest.ffmpeg S -
)";

}  // namespace weir::test
