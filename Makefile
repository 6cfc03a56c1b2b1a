PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
HOSTED ?= ../shared/data
MODEL := build/export/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite

CIFAR10 ?= cifar10
FROM := $(notdir $(CIFAR10))
COMMON := --res 160 --batch-size 128 --weight-decay 2e-4 --ema 0.999 --min-crop 0.7 --color-jitter 0
RECIPE := --weights random --learning-rate 0.09 $(COMMON)
# On from a network that was trained so: once more at half the rate, and a last time at 160 alone, where few epochs were.
ON := --freeze 0 $(COMMON)
AGAIN := $(ON) --learning-rate 0.045 --output-dir build/train/again
LAST := $(ON) --learning-rate 0.02 --output-dir build/train/last

# For networks of about the same cost.
ALIKE := $(RECIPE) --output-dir build/train/alike
SMALL_FIRST := --epochs 26 --start-res 64:16,96:6,128:2

# Maven's own lines only where something is wrong.
MAVEN := mvn --batch-mode --no-transfer-progress -Dstyle.color=never -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
	-f android_demo/pom.xml
APK := build/apk/mobilenet-demo$(if $(ABI),-$(ABI)).apk
VECTORS := build/android/vectors

.PHONY: apk android-test android-check bench-android help venv venv-mediapipe chromium demo test adbd-root arm64-root check bundle bundle-cifar10 wheel clean bench-export bench-hosted bench-quant bench-harness bench-accuracy bench-archs bench-train bench-transfer bench-students bench-cifar10 bench-recipes bench-equal-cost bench-arm64 train-cifar10 train-equal-cost table

help:  ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

venv: $(VENV)/.installed  ## Create .venv and install everything into it

$(VENV)/.installed: pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@# The CPU build of TensorFlow is the default; where there is an NVIDIA GPU, take the one that uses it.
	@if command -v nvidia-smi >/dev/null 2>&1; then \
		$(BIN)/pip uninstall --quiet --yes tensorflow-cpu && \
		$(BIN)/pip install --quiet 'tensorflow[and-cuda]==2.21.*'; fi
	@touch $@

demo: venv  ## Export alpha 0.5 at 160 and classify the bundled photos with it
	$(BIN)/mobilenet-export --alpha 0.5 --res 160 --overwrite
	$(BIN)/mobilenet-classify $(MODEL)

test: venv venv-mediapipe  ## Run the tests
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

venv-mediapipe: .venv-mediapipe/.installed  ## MediaPipe, for one test; it needs NumPy 2, so it has its own environment

.venv-mediapipe/.installed: Makefile
	$(PYTHON) -m venv .venv-mediapipe
	.venv-mediapipe/bin/pip install --quiet --disable-pip-version-check 'mediapipe==1.2.*'
	@touch $@

chromium:  ## Debian's Chromium, for the tests of the report; they are skipped without it
	@.ci/chromium

adbd-root:  ## Debian with adbd in build/, as a device for the adb tests; as root, else they are skipped
	tests/adbd_root.sh build/adbd-root

arm64-root: build/arm64-root  ## ARM64's Python and interpreters, for one test under qemu-aarch64-static; needs apt

build/arm64-root: bench/arm64_root.sh | venv
	bench/arm64_root.sh $@ $(BIN)/python

check: venv android-check  ## Lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

apk:  ## Build the Android demo with the models of build/export/ in it; ABI=arm64-v8a for that processor alone
	@$(MAVEN) -Papk -Dmaven.test.skip=true -Dabi=$(ABI) package
	@java -cp android_demo/target/tools Sizes $(APK)

android-test: $(VECTORS)/.made  ## Run the Android demo's tests, on the JVM
	@$(MAVEN) -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugin.surefire=info test

# What the Kotlin tests compare with: Python's tensors, and the outputs of a small export.
$(VECTORS)/.made: mobilenet_tf/preprocessing.py $(wildcard bench/android_*.py) | venv
	$(BIN)/mobilenet-export --alpha 0.25 --res 96 --output-dir build/android/export --overwrite
	$(BIN)/python -m bench.android_vectors $(VECTORS) --exports build/android/export
	@touch $@

bench-android:  ## Preprocessing of camera frames in Kotlin beside a naive version, on this computer's JVM
	@$(MAVEN) test-compile
	@$(MAVEN) -Dorg.slf4j.simpleLogger.log.org.apache.maven.plugins.antrun=info antrun:run@benchmark

android-check:  ## Lint the Android demo and look for calls that Android 7 lacks; part of make check
	@$(MAVEN) -Pcheck process-classes
	cd android_demo && java -jar target/archives/ktlint-cli-all.jar --relative 'src/**/*.kt' '*.kts'
	cd android_demo && java -jar target/archives/detekt-cli-all.jar --input src --config detekt.yml --build-upon-default-config

bench-export: venv  ## Wall time of mobilenet-export beside a plain Keras + TFLite script
	$(BIN)/python -m bench.export_time

bench-hosted: venv  ## Agreement with Google's hosted files on the photos in HOSTED
	$(BIN)/python -m bench.hosted $(HOSTED)

bench-quant: venv  ## Agreement of int8 with float for every correction, on the photos in HOSTED; takes most of an hour
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.quant $(HOSTED)

table: venv  ## README's table: size, cost, latency and agreement of the paper's 16 networks on this host; takes minutes
	@$(BIN)/python -m bench.table

bench-harness: venv  ## Latency, memory and start-up of mobilenet-benchmark beside litert-benchmark and a bare script
	$(BIN)/python -m bench.harness

bench-accuracy: venv  ## Speed and top-1 of mobilenet-benchmark --images beside a plain loop, on the photos in HOSTED
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.accuracy $(HOSTED)

bench-archs: venv  ## Latency of MobileNet V1, ShuffleNet V1 and EffNet at equal Mult-Adds, float and int8
	@TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.archs 2>/dev/null

bench-train: venv  ## Images/s of mobilenet-train beside a plain Keras script
	$(BIN)/python -m bench.train_speed

bench-transfer: venv  ## Fine-tuning from ImageNet weights on the photos in HOSTED, 5-fold, float and int8
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.transfer $(HOSTED)

train-cifar10: venv  ## Train alpha 0.25 and 0.5 on CIFAR-10 from scratch, small and finished at 160; takes hours
	$(BIN)/mobilenet-train $(CIFAR10) --alpha 0.25 --epochs 52 --start-res 64:26,96:10,128:6 $(RECIPE)
	$(BIN)/mobilenet-train $(CIFAR10) --alpha 0.5 --epochs 26 --start-res 64:13,96:5,128:3 $(RECIPE)
	$(BIN)/mobilenet-train $(CIFAR10) --weights build/train/mobilenet_v1_a0.25_r160_$(FROM)/last.keras \
		--epochs 40 --start-res 96:30,128:5 $(AGAIN)
	$(BIN)/mobilenet-train $(CIFAR10) --weights build/train/mobilenet_v1_a0.50_r160_$(FROM)/last.keras \
		--epochs 19 --start-res 96:14,128:2 $(AGAIN)
	$(BIN)/mobilenet-train $(CIFAR10) --weights build/train/again/mobilenet_v1_a0.25_r160_$(FROM)/last.keras \
		--epochs 4 $(LAST)
	$(BIN)/mobilenet-train $(CIFAR10) --weights build/train/again/mobilenet_v1_a0.50_r160_$(FROM)/last.keras \
		--epochs 2 $(LAST)

train-equal-cost: venv  ## Train a MobileNet, a ShuffleNet and an EffNet of about 20 M Mult-Adds alike on CIFAR-10; takes hours
	$(BIN)/mobilenet-train $(CIFAR10) --alpha 0.25 $(ALIKE) $(SMALL_FIRST)
	$(BIN)/mobilenet-train $(CIFAR10) --arch shufflenet_v1 --alpha 0.5 $(ALIKE) $(SMALL_FIRST)
	$(BIN)/mobilenet-train $(CIFAR10) --arch effnet --alpha 2.0 $(ALIKE) --res 32 --epochs 20
	for run in build/train/alike/*_r160_$(FROM); do \
		$(BIN)/mobilenet-train $(CIFAR10) --weights $$run/last.keras $(AGAIN) --res 96 --epochs 18 || exit; done
	@# Not into build/train/last: train-cifar10's alpha 0.25 is there.
	for run in build/train/again/*_r96_$(FROM); do \
		$(BIN)/mobilenet-train $(CIFAR10) --weights $$run/last.keras $(LAST) --epochs 6 \
			--output-dir build/train/finished || exit; done
	$(BIN)/mobilenet-train $(CIFAR10) --weights build/train/alike/effnet_a2.00_r32_$(FROM)/last.keras \
		$(AGAIN) --res 32 --epochs 8

bench-equal-cost: venv  ## Of these three, and the bundled MobileNet: accuracy, agreement of int8, latency
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.equal_cost $(CIFAR10) \
		$(wildcard build/train/finished/mobilenet_v1_a0.25_r160_$(FROM)/last.keras)

bench-students: venv  ## What distillation and quantization-aware training add on CIFAR-10 at alpha 0.25; takes an hour
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.students $(CIFAR10)

bench-cifar10: venv  ## The bundled CIFAR-10 MobileNets on the 10,000 test photos, at four resolutions, float and int8
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.cifar10 $(CIFAR10)

bench-recipes: venv  ## How often quantized files of the bundled CIFAR-10 MobileNets have float32's class
	TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python -m bench.recipes $(CIFAR10)

bench-arm64: venv arm64-root  ## int8 of alpha 0.5 at 160 on an emulated ARM64 beside this x86-64
	$(BIN)/mobilenet-export --alpha 0.5 --res 160 --overwrite
	$(BIN)/python -m bench.arm64 $(MODEL)

bundle-cifar10: venv  ## Make the bundled CIFAR-10 weights and photos from what train-cifar10 and train-equal-cost made
	$(BIN)/python -m mobilenet_tf.bundle_cifar10 $(CIFAR10) $(addprefix build/train/, \
		last/mobilenet_v1_a0.25_r160_$(FROM) last/mobilenet_v1_a0.50_r160_$(FROM) \
		finished/shufflenet_v1_a0.50_r160_$(FROM) again/effnet_a2.00_r32_$(FROM))

bundle: venv  ## Make the bundled ImageNet weights from Google's hosted files in HOSTED
	$(BIN)/python -m mobilenet_tf.bundle $(HOSTED)/weights

wheel: venv  ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --outdir dist .

clean:  ## Remove what make made, the exports included
	rm -rf $(VENV) .venv-mediapipe android_demo/target build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
