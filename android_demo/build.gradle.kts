import org.jetbrains.kotlin.gradle.dsl.JvmTarget

plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

val assetsFolder = layout.buildDirectory.dir("exported-assets")

android {
    namespace = "org.mobilenet_tf.demo"
    compileSdk = libs.versions.target.sdk.get().toInt()

    defaultConfig {
        applicationId = "org.mobilenet_tf.demo"
        minSdk = libs.versions.min.sdk.get().toInt()
        targetSdk = libs.versions.target.sdk.get().toInt()
        versionName = libs.versions.app.get()
        versionCode = libs.versions.app.get().split(".").fold(0) { code, part -> 100 * code + part.toInt() }
    }

    sourceSets {
        getByName("main") {
            kotlin.setSrcDirs(listOf("src/main/kotlin"))
            assets.setSrcDirs(listOf(assetsFolder.get().asFile))
        }
        getByName("test") {
            kotlin.setSrcDirs(listOf("src/test/kotlin"))
            resources.setSrcDirs(listOf("src/test/resources"))
        }
    }

    // Mapped into memory from the APK.
    androidResources.noCompress += "tflite"

    signingConfigs {
        getByName("debug") {
            storeFile = file("debug.keystore")
        }
    }
    buildTypes {
        // As make apk builds it: shrunk, and not debuggable, because Android runs a debuggable app more slowly.
        release {
            isMinifyEnabled = true
            proguardFiles("proguard-rules.pro")
            signingConfig = signingConfigs.getByName("debug")
        }
    }
    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    testOptions.unitTests {
        isIncludeAndroidResources = true
        // These tests need the desktop's interpreter, which the Maven build uses in place of the phone's.
        all { it.exclude("**/core/**", "**/engine/**") }
    }
}

kotlin {
    compilerOptions {
        jvmTarget = JvmTarget.JVM_1_8
    }
}

dependencies {
    implementation(libs.litert)
    implementation(libs.litert.gpu)
    implementation(libs.litert.gpu.api)
    testImplementation(libs.junit)
    testImplementation(libs.robolectric)
}

val exportedModels by tasks.registering(Sync::class) {
    from("../build/export") {
        include("*/manifest.json", "*/*.txt", "*/*.tflite", "*/golden/**")
        exclude(".*/**")
    }
    into(assetsFolder.map { it.dir("models") })
}

tasks.named("preBuild") {
    dependsOn(exportedModels)
}
