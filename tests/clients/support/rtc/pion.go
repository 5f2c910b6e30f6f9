// pion as a WHIP publisher or a WHEP player: whip|whep URL SECONDS [RTP_PORT]. Otherwise as datachannel.mjs.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/webrtc"
)

var video, audio, pictures, connected int64

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func count(kind webrtc.RTPCodecType, packet *rtp.Packet) {
	if kind == webrtc.RTPCodecTypeAudio {
		atomic.AddInt64(&audio, 1)
		return
	}
	atomic.AddInt64(&video, 1)
	if packet.Marker {
		atomic.AddInt64(&pictures, 1)
	}
}

func publish(peer *webrtc.PeerConnection, port string) {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeH264}, "video", "weir")
	check(err)
	sender, err := peer.AddTrack(track)
	check(err)
	go func() {
		room := make([]byte, 1500)
		for {
			if _, _, err := sender.Read(room); err != nil {
				return
			}
		}
	}()
	number, err := strconv.Atoi(port)
	check(err)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: number})
	check(err)
	go func() {
		room := make([]byte, 1500)
		for {
			size, err := socket.Read(room)
			check(err)
			packet := &rtp.Packet{}
			if packet.Unmarshal(room[:size]) != nil || atomic.LoadInt64(&connected) == 0 {
				continue
			}
			count(webrtc.RTPCodecTypeVideo, packet)
			check(track.WriteRTP(packet))
		}
	}()
}

func main() {
	kind, place := os.Args[1], os.Args[2]
	seconds, err := strconv.Atoi(os.Args[3])
	check(err)
	began := time.Now()
	settings := webrtc.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	media := &webrtc.MediaEngine{}
	check(media.RegisterDefaultCodecs())
	peer, err := webrtc.NewAPI(webrtc.WithSettingEngine(settings), webrtc.WithMediaEngine(media)).NewPeerConnection(webrtc.Configuration{})
	check(err)
	peer.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateConnected {
			atomic.CompareAndSwapInt64(&connected, 0, time.Since(began).Milliseconds()+1)
		}
	})
	peer.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		for {
			packet, _, err := track.ReadRTP()
			if err != nil {
				return
			}
			count(track.Kind(), packet)
		}
	})
	if kind == "whip" {
		publish(peer, os.Args[4])
	} else {
		for _, one := range []webrtc.RTPCodecType{webrtc.RTPCodecTypeVideo, webrtc.RTPCodecTypeAudio} {
			_, err = peer.AddTransceiverFromKind(one, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
			check(err)
		}
	}
	offer, err := peer.CreateOffer(nil)
	check(err)
	gathered := webrtc.GatheringCompletePromise(peer)
	check(peer.SetLocalDescription(offer))
	<-gathered
	answer, err := http.Post(place, "application/sdp", strings.NewReader(peer.LocalDescription().SDP))
	check(err)
	text, err := io.ReadAll(answer.Body)
	check(err)
	if answer.StatusCode != 201 {
		check(fmt.Errorf("%d %s", answer.StatusCode, text))
	}
	check(peer.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: string(text)}))
	time.Sleep(time.Duration(seconds) * time.Second)
	base, err := url.Parse(place)
	check(err)
	session, err := base.Parse(answer.Header.Get("Location"))
	check(err)
	request, err := http.NewRequest("DELETE", session.String(), nil)
	check(err)
	_, err = http.DefaultClient.Do(request)
	check(err)
	told := map[string]interface{}{"video": atomic.LoadInt64(&video), "audio": atomic.LoadInt64(&audio),
		"pictures": atomic.LoadInt64(&pictures), "connected_ms": nil}
	if at := atomic.LoadInt64(&connected); at > 0 {
		told["connected_ms"] = at
	}
	said, err := json.Marshal(told)
	check(err)
	fmt.Println(string(said))
}
